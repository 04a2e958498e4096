using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Hub;

/// <summary>The instructions in an answer's header section.</summary>
internal static class GripHeaders
{
    private const string Prefix = "Grip-";
    private const int MostSeconds = 7 * 24 * 3600;

    /// <summary>Reads them.</summary>
    /// <exception cref="GripException">They make no sense, or ask for what is not covered.</exception>
    internal static GripInstruct Read(IHeaderDictionary headers)
    {
        if (headers.ContainsKey("Grip-Link"))
        {
            throw new GripException("Grip-Link is not supported");
        }

        GripInstruct instruct = new()
        {
            Channels = [.. headers["Grip-Channel"].SelectMany(value => GripParameters.ReadList(value ?? "")).Select(ChannelOf)],
            Meta = MetaOf(headers["Grip-Set-Meta"]),
            Timeout = Single(headers, "Grip-Timeout") is { } timeout ? SecondsOf("Grip-Timeout", timeout) : GripInstruct.UsualTime,
        };
        if (Single(headers, "Grip-Keep-Alive") is { } keepAlive)
        {
            instruct = KeepAliveOf(instruct, GripParameters.ReadOne(keepAlive));
        }

        return Single(headers, "Grip-Hold") is { } hold ? HoldOf(instruct, GripParameters.ReadOne(hold)) : instruct;
    }

    /// <summary>The status that replaces the answer's own, or null.</summary>
    /// <exception cref="GripException">It is none.</exception>
    internal static (int Status, string Reason)? ReadStatus(IHeaderDictionary headers)
    {
        if (Single(headers, "Grip-Status") is not { } value)
        {
            return null;
        }

        int space = value.IndexOf(' ', StringComparison.Ordinal);
        string code = space < 0 ? value : value[..space];
        return int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out int status) && status is >= 200 and <= 599
            ? (status, space < 0 ? "" : value[(space + 1)..].Trim())
            : throw new GripException($"Grip-Status is '{value}', which is no status from 200 to 599");
    }

    /// <summary>Removes what the client is not to see.</summary>
    internal static void Remove(IHeaderDictionary headers)
    {
        HashSet<string> exposed = new(StringComparer.OrdinalIgnoreCase);
        foreach (string? value in headers["Grip-Expose-Headers"])
        {
            exposed.UnionWith((value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        }

        foreach (string name in headers.Keys.ToArray())
        {
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || (exposed.Count > 0 && !exposed.Contains(name)))
            {
                headers.Remove(name);
            }
        }
    }

    /// <summary>A channel, and whether its name is one.</summary>
    /// <exception cref="GripException">It is not, or a filter is not known.</exception>
    internal static HubChannelRequest ChannelOf(string name, string? prevId, IEnumerable<string> filters)
    {
        if (!HubChannelRequest.IsName(name))
        {
            throw new GripException($"a channel's name is not 1 to {HubLimits.ChannelName} characters, none of them a control character");
        }

        if (prevId is { Length: > HubLimits.ItemId })
        {
            throw new GripException($"the prev-id of channel '{name}' has more than {HubLimits.ItemId} characters");
        }

        HubFilters all = HubFilters.None;
        foreach (string filter in filters)
        {
            all |= filter switch
            {
                "skip-self" => HubFilters.SkipSelf,
                "skip-users" => HubFilters.SkipUsers,
                "require-sub" => HubFilters.RequireSubscription,

                // To deliver what the application wants left out would be worse than no answer.
                _ => throw new GripException($"the filter '{filter}' of channel '{name}' is not supported"),
            };
        }

        return new HubChannelRequest(name, string.IsNullOrEmpty(prevId) ? null : prevId, all);
    }

    /// <summary>A number of seconds.</summary>
    /// <exception cref="GripException">It is none, or too large.</exception>
    internal static TimeSpan SecondsOf(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds <= MostSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new GripException($"{name} is '{value}', which is no number of seconds up to {MostSeconds}");

    /// <summary>The policy for slow clients: <c>close</c>, or <c>drop</c>.</summary>
    /// <exception cref="GripException">It is neither.</exception>
    internal static bool DropsOf(string? slow) => slow switch
    {
        null or "" or "close" => false,
        "drop" => true,
        _ => throw new GripException($"slow is '{slow}', which is neither 'close' nor 'drop'"),
    };

    private static GripInstruct HoldOf(GripInstruct instruct, GripParameters hold) => instruct with
    {
        Hold = hold.First switch
        {
            "response" => GripHold.Response,
            "stream" => GripHold.Stream,
            _ => throw new GripException($"Grip-Hold is '{hold.First}', which is neither 'response' nor 'stream'"),
        },
        DropsMessages = DropsOf(hold.Find("slow")),
    };

    private static HubChannelRequest ChannelOf(GripParameters element)
    {
        // A name may have an equals sign.
        string name = element.FirstValue is { } value ? $"{element.First}={value}" : element.First;
        return ChannelOf(
            TextOf("Grip-Channel", name),
            element.Find("prev-id") is { } id ? TextOf("Grip-Channel", id) : null,
            element.Rest.Where(parameter => parameter.Key == "filter").Select(parameter => parameter.Value));
    }

    private static Dictionary<string, string> MetaOf(StringValues values)
    {
        Dictionary<string, string> meta = new(StringComparer.Ordinal);
        foreach (GripParameters element in values.SelectMany(value => GripParameters.ReadList(value ?? "")))
        {
            meta[TextOf("Grip-Set-Meta", element.First)] = TextOf("Grip-Set-Meta", element.FirstValue ?? "");
        }

        return meta;
    }

    private static GripInstruct KeepAliveOf(GripInstruct instruct, GripParameters value)
    {
        string text = value.FirstValue is { } rest ? $"{value.First}={rest}" : value.First;
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        byte[] content = value.Find("format") switch
        {
            null or "" or "raw" => bytes,
            "cstring" => CString.Read(bytes) ?? throw new GripException("Grip-Keep-Alive has an escape that format=cstring does not know"),
            "base64" => Base64.IsValid(bytes) ? Convert.FromBase64String(text) : throw new GripException("Grip-Keep-Alive is not base64"),
            { } format => throw new GripException($"Grip-Keep-Alive has the format '{format}', which is none of raw, cstring and base64"),
        };
        TimeSpan time = value.Find("timeout") is { } timeout ? SecondsOf("the timeout of Grip-Keep-Alive", timeout) : GripInstruct.UsualTime;
        return WithKeepAlive(instruct, content, time, value.Find("mode"));
    }

    /// <summary>Adds what keeps a stream alive.</summary>
    /// <exception cref="GripException">It cannot.</exception>
    internal static GripInstruct WithKeepAlive(GripInstruct instruct, ReadOnlyMemory<byte> content, TimeSpan time, string? mode)
    {
        if (content.IsEmpty || time == TimeSpan.Zero)
        {
            throw new GripException("the keep-alive has no content, or no time");
        }

        return instruct with
        {
            KeepAlive = content,
            KeepAliveTime = time,
            KeepsAliveAlways = mode switch
            {
                null or "" or "idle" => false,
                "interval" => true,
                _ => throw new GripException($"the mode of the keep-alive is '{mode}', which is neither 'idle' nor 'interval'"),
            },
        };
    }

    private static string? Single(IHeaderDictionary headers, string name) => headers[name] is [{ } value, ..] ? value.Trim() : null;

    private static string TextOf(string field, string value) =>
        GripParameters.Decode(value) ?? throw new GripException($"{field} has bytes that are not UTF-8");
}
