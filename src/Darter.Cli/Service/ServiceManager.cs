using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Darter.Cli.Service;

/// <summary>
/// systemd, or another service manager that listens at <c>NOTIFY_SOCKET</c> (sd_notify(3)): it is told how the service is,
/// and that it is alive. Without one every call does nothing.
/// </summary>
internal sealed class ServiceManager : IDisposable
{
    private const string SocketVariable = "NOTIFY_SOCKET";
    private const string WatchdogVariable = "WATCHDOG_USEC";
    private const string WatchdogProcessVariable = "WATCHDOG_PID";

    /// <summary>Milliseconds for which a manager that does not read is waited for.</summary>
    private const int SendTimeout = 1000;

    private readonly Socket? _socket;
    private readonly UnixDomainSocketEndPoint? _address;

    private ServiceManager(string? address, string? watchdog)
    {
        // What it takes to find the manager again, for the next front.
        Environment = [];
        if (address is null)
        {
            return;
        }

        Environment[SocketVariable] = address;
        _address = new UnixDomainSocketEndPoint(address[0] == '@' ? $"\0{address[1..]}" : address);

        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = SendTimeout };
        if (long.TryParse(watchdog, NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds) && microseconds > 0)
        {
            Environment[WatchdogVariable] = watchdog;
            WatchdogInterval = TimeSpan.FromMicroseconds(microseconds / 2.0);
        }
    }

    /// <summary>How often <see cref="Watchdog"/> is to be called: twice in the time after which the manager acts; null: never.</summary>
    internal TimeSpan? WatchdogInterval { get; }

    /// <summary>The variables by which a process finds the manager.</summary>
    internal Dictionary<string, string> Environment { get; }

    /// <summary>Looks for the manager, and takes its variables out of the environment: workers have nothing to tell it.</summary>
    internal static ServiceManager Find()
    {
        string? address = Take(SocketVariable);
        string? watchdog = Take(WatchdogVariable);
        string? process = Take(WatchdogProcessVariable);
        if (process is not null && process != System.Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
        {
            watchdog = null;
        }

        return new ServiceManager(address is { Length: > 1 } && address[0] is '/' or '@' ? address : null, watchdog);
    }

    /// <summary>The service is up, or up again.</summary>
    internal void Ready(string status) => Send($"READY=1\nSTATUS={status}");

    /// <summary>The service is being reloaded or upgraded; <see cref="Ready"/> follows, however that ends.</summary>
    internal void Reloading(string status) =>
        Send(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000)}\nSTATUS={status}"));

    /// <summary>The service is ending.</summary>
    internal void Stopping() => Send("STOPPING=1\nSTATUS=Stopping: requests at hand are finished");

    /// <summary>Tells people what the service is doing.</summary>
    internal void Status(string status) => Send($"STATUS={status}");

    /// <summary>Another process is the service from now on.</summary>
    internal void Succeed(int processId) => Send(string.Create(CultureInfo.InvariantCulture, $"READY=1\nMAINPID={processId}"));

    /// <summary>The service is alive. Does not block.</summary>
    internal void Watchdog() => ThreadPool.UnsafeQueueUserWorkItem(static manager => manager.Send("WATCHDOG=1"), this, preferLocal: false);

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private void Send(string text)
    {
        try
        {
            _socket?.SendTo(Encoding.UTF8.GetBytes(text), _address!);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The manager is restarted, or too busy to read: what it misses it asks for by its own timeouts.
        }
    }

    private static string? Take(string variable)
    {
        string? value = System.Environment.GetEnvironmentVariable(variable);
        System.Environment.SetEnvironmentVariable(variable, null);
        return value;
    }
}
