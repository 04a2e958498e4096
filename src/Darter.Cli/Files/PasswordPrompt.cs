using System.Text;
using Darter.Server.Configuration;

namespace Darter.Cli.Files;

/// <summary><c>darter files --hash-password</c>: reads a password, from the terminal without showing it or from a pipe, and prints its hash.</summary>
internal static class PasswordPrompt
{
    /// <summary>Runs it; returns the exit status.</summary>
    internal static int Run()
    {
        string? password = Console.IsInputRedirected ? Console.In.ReadLine() : ReadHidden();
        if (string.IsNullOrEmpty(password))
        {
            ConfigReport.Tell("there is no password");
            return ExitCode.Configuration;
        }

        Console.Out.WriteLine(PasswordHash.Create(password));
        return ExitCode.Success;
    }

    private static string ReadHidden()
    {
        // Standard output is for the hash, which goes into a command line.
        Console.Error.Write("Password: ");
        StringBuilder password = new();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                password.Length = Math.Max(0, password.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                password.Append(key.KeyChar);
            }
        }

        Console.Error.WriteLine();
        return password.ToString();
    }
}
