using System.Text.Json;
using Darter.Server.Control;

namespace Darter.Cli;

/// <summary>Finds the running server that a command is for.</summary>
internal static class ServerFinder
{
    // A server that does not tell who it is in this time is left out of the list.
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Returns the control socket that was named, or that of this user's only running server. Otherwise null; what there is
    /// was written to standard error.
    /// </summary>
    internal static async Task<ControlClient?> FindAsync(string? named)
    {
        if (named is not null)
        {
            return new ControlClient(Path.GetFullPath(named));
        }

        List<(ControlClient Client, ServerStatus Status)> running = await ListAsync().ConfigureAwait(false);
        switch (running.Count)
        {
            case 0:
                Console.Error.WriteLine("darter: no running server of this user was found. Name its control socket with --control.");
                return null;
            case 1:
                return running[0].Client;
            default:
                Console.Error.WriteLine("darter: several servers are running. Name the control socket of one with --control:");
                foreach (string line in Table.Format(
                    ["PID", "TARGET", "LISTENERS", "CONTROL"],
                    running.Select(one => (string[])[$"{one.Status.Pid}", one.Status.Target, string.Join(' ', one.Status.Listeners), one.Client.Path])))
                {
                    Console.Error.WriteLine($"  {line}");
                }

                return null;
        }
    }

    /// <summary>The servers in the first folder that has any.</summary>
    private static async Task<List<(ControlClient Client, ServerStatus Status)>> ListAsync()
    {
        foreach (string folder in ControlFolder.Candidates)
        {
            List<(ControlClient Client, ServerStatus Status)> found = [];
            foreach (string path in ControlFolder.Sockets(folder))
            {
                ControlClient client = new(path);
                if (await AskAsync(client).ConfigureAwait(false) is { } status)
                {
                    found.Add((client, status));
                }
            }

            if (found.Count > 0)
            {
                return found;
            }
        }

        return [];
    }

    private static async Task<ServerStatus?> AskAsync(ControlClient client)
    {
        try
        {
            using CancellationTokenSource limit = new(AnswerTime);
            (int status, byte[] body) = await client.SendAsync("GET", "/status", [], limit.Token).ConfigureAwait(false);
            return status == 200 ? JsonSerializer.Deserialize(body, ControlJson.Instance.ServerStatus) : null;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or JsonException)
        {
            // It is gone, or was never one of Darter's.
            return null;
        }
    }
}
