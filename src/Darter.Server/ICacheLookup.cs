namespace Darter.Server;

/// <summary>A request that the cache has not answered. On the pool's loop, but for <see cref="Awaited"/> and <see cref="Leave"/>.</summary>
internal interface ICacheLookup
{
    /// <summary>
    /// Ends when the answer to another request like this one is there or will not come; <see cref="IAnswerCache.TryAnswer"/>
    /// is to be called again then. Null: this request goes to the application.
    /// </summary>
    Task? Awaited { get; }

    /// <summary>The head of the application's answer is in the response; nothing of it was sent.</summary>
    /// <returns>Null: the answer is sent, and its body given to <see cref="OnBody"/>. Otherwise a stored answer takes its place.</returns>
    IHeldAnswer? OnHead(in CacheExchange exchange, IHoldOwner owner);

    /// <summary>A piece of the application's body.</summary>
    void OnBody(ReadOnlySpan<byte> bytes);

    /// <summary>The application's answer is complete.</summary>
    void OnEnd();

    /// <summary>The answer is one that cannot be kept.</summary>
    void Refuse();

    /// <summary>There is no answer of the application's: a stored one may take the place of the error. Nothing was sent.</summary>
    IHeldAnswer? OnFailed(in CacheExchange exchange, IHoldOwner owner);

    /// <summary>The request is over, whatever has come of it.</summary>
    /// <param name="clientLeft">Whether it ended since its client left.</param>
    void Leave(bool clientLeft);
}
