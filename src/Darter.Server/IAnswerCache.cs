namespace Darter.Server;

/// <summary>Answers requests with what the application has answered before (RFC 9111).</summary>
internal interface IAnswerCache
{
    /// <summary>Answers a GET or HEAD from the store. Any thread. The task's result are the bytes of the response's body.</summary>
    /// <param name="exchange">The request, and the response to write.</param>
    /// <param name="before">What an earlier call for this request gave, whose <see cref="ICacheLookup.Awaited"/> has ended; null: this is the first call.</param>
    /// <param name="lookup">If nothing is answered: what is to be done with the request.</param>
    /// <returns>Null if it is not answered; nothing of the response is touched then.</returns>
    Task<long>? TryAnswer(in CacheExchange exchange, ICacheLookup? before, out ICacheLookup? lookup);

    /// <summary>A request with an unsafe method was answered without an error: what is stored for its target is out of date. Any thread.</summary>
    void OnChanged(in CacheExchange exchange);
}
