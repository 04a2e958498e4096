using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Darter.Server.Hub;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Publishing;

/// <summary><c>darter publish CHANNEL DATA</c>: a message for connections that a running server holds.</summary>
internal static class PublishCommand
{
    /// <summary>The command, with its options.</summary>
    internal static Command Create()
    {
        Argument<string> channel = new("CHANNEL") { Description = "Who gets it" };
        Argument<string> data = new("DATA") { Description = "The message; - reads it from standard input" };
        Option<string?> id = new("--id") { Description = "Names the message, for clients that connect again; default: one is made", HelpName = "ID" };
        Option<string?> prevId = new("--prev-id") { Description = "The id of the message before it", HelpName = "ID" };
        Option<string?> eventName = new("--event") { Description = "The name of the event that streams get", HelpName = "NAME" };
        Option<string> stream = OneOf(["sse", "raw"], new("--stream")
        {
            Description = "What streams get: sse (an event of server-sent events) or raw (the data)",
            HelpName = "FORM",
            DefaultValueFactory = _ => "sse",
        });
        Option<string?> address = new("--address")
        {
            Description = "The publish endpoint, unix:PATH or a URL; default: $DARTER_PUBLISH, or that of this user's only running server",
            HelpName = "URL",
        };
        Option<string?> key = new("--key") { Description = "The key of --hub-key; default: $DARTER_HUB_KEY", HelpName = "KEY" };
        Option<bool> json = new("--json") { Description = "Print the server's answer as JSON" };
        Command command = new("publish", "Publish a message to the connections that a running server holds (Grip-Hold)")
        {
            channel, data, id, prevId, eventName, stream, address, key, json,
        };
        command.SetAction(async (result, cancellation) =>
        {
            try
            {
                PublishClient client = new(result.GetValue(address), result.GetValue(key));
                string text = result.GetValue(data)!;
                PublishMessage message = new(
                    result.GetValue(channel)!,
                    text == "-" ? await Console.In.ReadToEndAsync(cancellation).ConfigureAwait(false) : text,
                    result.GetValue(id),
                    result.GetValue(prevId),
                    result.GetValue(eventName),
                    result.GetValue(stream) == "raw");
                return Report(await client.SendAsync(message.ToJson(), cancellation).ConfigureAwait(false), result.GetValue(json));
            }
            catch (Exception exception) when (exception is IOException or ArgumentException)
            {
                Console.Error.WriteLine($"darter: {exception.Message}");
                return ExitCode.Configuration;
            }
        });
        return command;
    }

    private static int Report((int Status, byte[] Body) answer, bool json)
    {
        try
        {
            if (answer.Status != 200)
            {
                Console.Error.WriteLine($"darter: {JsonSerializer.Deserialize(answer.Body, HubJson.Instance.PublishError)?.Error} ({answer.Status})");
                return ExitCode.Configuration;
            }

            PublishOutcome? outcome = JsonSerializer.Deserialize(answer.Body, HubJson.Instance.PublishOutcome);
            Console.Out.WriteLine(json ? Encoding.UTF8.GetString(answer.Body) : string.Create(CultureInfo.InvariantCulture, $"Subscribers reached: {outcome?.Subscribers}"));
            return ExitCode.Success;
        }
        catch (JsonException exception)
        {
            throw new IOException($"the answer is not understood: {exception.Message}", exception);
        }
    }
}
