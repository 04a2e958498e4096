using System.Globalization;
using System.Text;
using Darter.Server.Configuration;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Observability;

/// <summary>What stands before an entry of syslog, as Gunicorn has it: <c>&lt;14&gt;darter.PREFIX.access: [4711] </c>.</summary>
internal sealed class SyslogTag
{
    private readonly int _facility;
    private readonly string _name;

    internal SyslogTag(SyslogConfig config, string log)
    {
        _facility = config.Facility;
        _name = string.Create(CultureInfo.InvariantCulture, $"darter.{config.Prefix}.{log}: [{Environment.ProcessId}] ");
        IsStream = config.Address.Type == System.Net.Sockets.SocketType.Stream;
        Information = Encoding.UTF8.GetBytes(PrefixOf(LogLevel.Information));
    }

    /// <summary>Whether an entry is a line of a stream, and no datagram.</summary>
    internal bool IsStream { get; }

    /// <summary>The bytes before an entry of level information.</summary>
    internal byte[] Information { get; }

    /// <summary>A whole entry. To a stream its lines are entries of their own.</summary>
    internal byte[] EntryOf(LogLevel level, string text)
    {
        string whole = PrefixOf(level) + text.TrimEnd();
        return Encoding.UTF8.GetBytes(IsStream ? whole.Replace('\n', ' ') + "\n" : whole);
    }

    private string PrefixOf(LogLevel level) => string.Create(CultureInfo.InvariantCulture, $"<{(8 * _facility) + SeverityOf(level)}>{_name}");

    // RFC 5424, section 6.2.1.
    private static int SeverityOf(LogLevel level) => level switch
    {
        LogLevel.Critical => 2,
        LogLevel.Error => 3,
        LogLevel.Warning => 4,
        LogLevel.Information => 6,
        _ => 7,
    };
}
