namespace Darter.Cli.Options;

/// <summary>A file that has a password and nothing else.</summary>
internal static class PasswordFile
{
    /// <summary>Reads it, without the white space around the password, as http.server does; null: there is none, or it cannot be read.</summary>
    internal static string? Read(string? path, string option, List<string> errors)
    {
        try
        {
            return path is null ? null : File.ReadAllText(path).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            errors.Add($"{option}: {exception.Message}");
            return null;
        }
    }
}
