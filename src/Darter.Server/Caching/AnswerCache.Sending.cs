using Microsoft.Extensions.Primitives;

namespace Darter.Server.Caching;

/// <summary>Sending stored answers.</summary>
internal sealed partial class AnswerCache
{
    /// <summary>Compresses what is stored; null: it is sent as it is. Set once, before the first request.</summary>
    internal AnswerEncoding? Encoding { get; set; }

    /// <summary>The form of an answer that a client gets, of those that are there or made in no time.</summary>
    internal CachedAnswer FormOf(in CacheExchange exchange, in RequestConditions conditions, CachedAnswer answer) =>
        Encoding is { } encoding && exchange.MayBeEncoded ? encoding.Choose(answer, exchange.Request, conditions, out _) ?? answer : answer;

    private Task<long> Send(in CacheExchange exchange, in CacheRequest request, CachedAnswer answer, long now, StringValues status)
    {
        answer.Touch();
        AgeText text = answer.AgeTextAt(now);
        StringValues shown = status.Count == 0 ? text.Status : status;
        CachedAnswer? form = answer;
        if (Encoding is { } encoding && exchange.MayBeEncoded)
        {
            form = encoding.Choose(answer, exchange.Request, request.Conditions, out Task<CachedAnswer>? making);
            if (form is null)
            {
                return SendLaterAsync(exchange, request.Conditions, making!, text.Age, shown);
            }
        }

        return Send(exchange, request.Conditions, form, text.Age, shown);
    }

    /// <summary>Waits until an answer is compressed.</summary>
    private static async Task<long> SendLaterAsync(CacheExchange exchange, RequestConditions conditions, Task<CachedAnswer> making, StringValues age, StringValues status) =>
        await Send(exchange, conditions, await making.ConfigureAwait(false), age, status).ConfigureAwait(false);

    private static Task<long> Send(in CacheExchange exchange, in RequestConditions conditions, CachedAnswer form, StringValues age, StringValues status)
    {
        StoredResponse response = StoredResponse.Begin(form, conditions, exchange.Response, age, status);
        exchange.OnHeadWritten?.Invoke();
        return response.SendAsync(exchange.Features);
    }
}
