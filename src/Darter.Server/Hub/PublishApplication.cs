using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Hub;

/// <summary>The publish endpoint: GRIP's <c>POST /publish/</c>, and what the channels are like.</summary>
internal sealed class PublishApplication(MessageHub hub, PublishAccess access, int maxMessage) : IHttpApplication<IFeatureCollection>
{
    private const int MostChannels = 1000;
    private const int MostPresent = 1000;
    private const string ChannelPath = "/channels/";

    /// <inheritdoc/>
    public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    /// <inheritdoc/>
    public void DisposeContext(IFeatureCollection context, Exception? exception)
    {
    }

    /// <inheritdoc/>
    public async Task ProcessRequestAsync(IFeatureCollection context)
    {
        IHttpRequestFeature request = context.GetRequiredFeature<IHttpRequestFeature>();
        if (access.Objection(context) is var (status, error))
        {
            if (status == StatusCodes.Status401Unauthorized)
            {
                context.GetRequiredFeature<IHttpResponseFeature>().Headers.WWWAuthenticate = "Bearer";
            }

            await FailAsync(context, status, error).ConfigureAwait(false);
            return;
        }

        string target = request.RawTarget.Split('?')[0];
        string method = HttpMethods.IsHead(request.Method) ? HttpMethods.Get : request.Method;
        Task answer = (method, target) switch
        {
            ("POST", "/publish" or "/publish/") => PublishAsync(context),
            ("GET", "/channels" or ChannelPath) => ListAsync(context),
            ("GET", { } path) when path.StartsWith(ChannelPath, StringComparison.Ordinal) => DescribeAsync(context, Uri.UnescapeDataString(path[ChannelPath.Length..])),
            (_, "/publish" or "/publish/" or "/channels") => FailAsync(context, StatusCodes.Status405MethodNotAllowed, $"{target} does not take {request.Method}"),
            _ => FailAsync(context, StatusCodes.Status404NotFound, "there are POST /publish/, GET /channels/ and GET /channels/NAME"),
        };
        await answer.ConfigureAwait(false);
    }

    private async Task PublishAsync(IFeatureCollection context)
    {
        ArrayBufferWriter<byte> body = new();
        try
        {
            Stream stream = context.GetRequiredFeature<IHttpRequestFeature>().Body;
            while (await stream.ReadAsync(body.GetMemory(16 * 1024)).ConfigureAwait(false) is > 0 and int count)
            {
                body.Advance(count);
            }
        }
        catch (BadHttpRequestException exception)
        {
            string error = exception.StatusCode == StatusCodes.Status413PayloadTooLarge ? $"the body has more than {maxMessage} bytes (--hub-max-message)" : exception.Message;
            await FailAsync(context, exception.StatusCode, error).ConfigureAwait(false);
            return;
        }

        if (!HubItemJson.TryReadItems(body.WrittenMemory, out IReadOnlyList<HubItem> items, out string wrong))
        {
            await FailAsync(context, StatusCodes.Status400BadRequest, wrong).ConfigureAwait(false);
            return;
        }

        int reached = 0;
        foreach (HubItem item in items)
        {
            // One after the other: they are in an order.
            reached += await hub.PublishAsync(item).ConfigureAwait(false);
        }

        await AnswerAsync(context, StatusCodes.Status200OK, new PublishOutcome(items.Count, reached), HubJson.Instance.PublishOutcome).ConfigureAwait(false);
    }

    private Task ListAsync(IFeatureCollection context)
    {
        Dictionary<string, StringValues> query = QueryHelpers.ParseQuery(context.GetRequiredFeature<IHttpRequestFeature>().QueryString);
        string prefix = query.GetValueOrDefault("prefix").ToString();
        int most = MostChannels;
        if (query.TryGetValue("limit", out StringValues limit)
            && !(int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out most) && most is > 0 and <= MostChannels))
        {
            return FailAsync(context, StatusCodes.Status400BadRequest, $"limit is a number from 1 to {MostChannels}");
        }

        IReadOnlyList<HubChannelInfo> channels = hub.Channels(prefix, most + 1);
        ChannelList list = new([.. channels.Take(most)], hub.Admission.Count, channels.Count <= most);
        return AnswerAsync(context, StatusCodes.Status200OK, list, HubJson.Instance.ChannelList);
    }

    private Task DescribeAsync(IFeatureCollection context, string name)
    {
        HubChannelInfo channel = hub.Channel(name);
        ChannelReport report = new(channel.Channel, channel.Subscribers, channel.History, channel.LastId, hub.Presence(name, MostPresent));
        return AnswerAsync(context, StatusCodes.Status200OK, report, HubJson.Instance.ChannelReport);
    }

    private static Task FailAsync(IFeatureCollection context, int status, string error) =>
        AnswerAsync(context, status, new PublishError(error), HubJson.Instance.PublishError);

    private static async Task AnswerAsync<T>(IFeatureCollection context, int status, T value, JsonTypeInfo<T> type)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(value, type);
        IHttpResponseFeature response = context.GetRequiredFeature<IHttpResponseFeature>();
        response.StatusCode = status;
        response.Headers.ContentType = "application/json";
        response.Headers.ContentLength = json.Length;
        response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsHead(context.GetRequiredFeature<IHttpRequestFeature>().Method))
        {
            await context.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.WriteAsync(json).ConfigureAwait(false);
        }
    }
}
