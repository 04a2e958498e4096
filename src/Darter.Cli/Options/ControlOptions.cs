using System.CommandLine;
using System.Globalization;
using Darter.Server.Configuration;

namespace Darter.Cli.Options;

/// <summary>How a running server is controlled, and how long it lets old workers keep what lasts.</summary>
internal sealed class ControlOptions : IOptionGroup
{
    private const int MaxMode = 0x1FF;

    internal Option<string?> Socket { get; } = CreateSocket(
        "The socket that darter status, reload, scale, stop and upgrade use; default: $XDG_RUNTIME_DIR/darter/PID.sock or /tmp/darter-UID/PID.sock");

    internal Option<string> SocketMode { get; } = new("--control-socket-mode")
    {
        Description = "Permissions of the control socket, in octal; those of group and others let others control the server",
        HelpName = "MODE",
        DefaultValueFactory = _ => "0600",
    };

    internal Option<bool> NoSocket { get; } = new("--no-control-socket")
    {
        Description = "Have no control socket",
    };

    internal Option<double?> GracefulStreamTimeout { get; } = new("--graceful-stream-timeout")
    {
        Description = "Seconds that a worker which is replaced may keep its WebSockets and event streams; default: --graceful-timeout",
        HelpName = "SECONDS",
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All => [GracefulStreamTimeout, Socket, SocketMode, NoSocket];

    /// <summary>The option that names a control socket.</summary>
    internal static Option<string?> CreateSocket(string description) => new("--control-socket", "--control")
    {
        Description = description,
        HelpName = "PATH",
    };

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        config.Workers = config.Workers with
        {
            StreamLeaveTime = result.GetValue(GracefulStreamTimeout) is { } seconds ? Seconds(seconds, config.Errors) : config.Workers.LeaveTime,
        };

        if (!TryParseMode(result.GetValue(SocketMode)!, out UnixFileMode mode))
        {
            config.Errors.Add($"--control-socket-mode: '{result.GetValue(SocketMode)}' is no mode in octal, such as 0600");
        }

        string? path = result.GetValue(Socket);
        config.Server = config.Server with
        {
            Control = result.GetValue(NoSocket)
                ? null
                : new ControlConfig { Path = path is null ? null : Path.GetFullPath(path), Mode = mode },
        };
    }

    /// <summary>Reads a mode: octal, with or without a leading zero or 0o.</summary>
    private static bool TryParseMode(string text, out UnixFileMode mode)
    {
        string digits = text.StartsWith("0o", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        int value = 0;
        foreach (char digit in digits)
        {
            if (digit is < '0' or > '7' || value > MaxMode)
            {
                mode = default;
                return false;
            }

            value = (value * 8) + (digit - '0');
        }

        mode = (UnixFileMode)value;
        return digits.Length > 0 && value <= MaxMode;
    }

    private static TimeSpan Seconds(double seconds, List<string> errors)
    {
        if (seconds is >= 0 and < 1e9)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        errors.Add(string.Create(CultureInfo.InvariantCulture, $"--graceful-stream-timeout must be a number of seconds, not {seconds}"));
        return TimeSpan.Zero;
    }
}
