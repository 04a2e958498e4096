using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Darter.Server.Control;

namespace Darter.Cli;

/// <summary>One call of a command.</summary>
internal sealed record ControlCall(ControlClient Client, ParseResult Result, bool Json, CancellationToken Cancellation)
{
    /// <summary>
    /// Asks the server. Returns what it answers if the status is one of <paramref name="statuses"/>; otherwise null, and the
    /// error was printed.
    /// </summary>
    internal async Task<T?> AskAsync<T>(string method, string target, byte[] body, JsonTypeInfo<T> type, params int[] statuses)
        where T : class
    {
        (int status, byte[] answer) = await Client.SendAsync(method, target, body, Cancellation).ConfigureAwait(false);
        try
        {
            if (Json)
            {
                Console.Out.WriteLine(Encoding.UTF8.GetString(answer));
            }

            if (statuses.Contains(status))
            {
                return JsonSerializer.Deserialize(answer, type);
            }

            Console.Error.WriteLine($"darter: {JsonSerializer.Deserialize(answer, ControlJson.Instance.ControlError)?.Error}");
            return null;
        }
        catch (JsonException exception)
        {
            throw new IOException($"the answer is not understood: {exception.Message}", exception);
        }
    }

    /// <summary>Prints a line for people.</summary>
    internal void Say(string text)
    {
        if (!Json)
        {
            Console.Out.WriteLine(text);
        }
    }
}
