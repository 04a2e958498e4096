namespace Darter.Cli.Importing;

/// <summary>A line of a uwsgi.ini: an option and its value.</summary>
internal sealed record UwsgiLine(int Number, string Key, string Value);
