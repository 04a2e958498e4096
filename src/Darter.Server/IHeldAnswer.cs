namespace Darter.Server;

/// <summary>An answer that was taken over. All on the pool's loop.</summary>
internal interface IHeldAnswer
{
    /// <summary>Whether something of it is out, so that it cannot be another answer any more.</summary>
    bool IsStarted { get; }

    /// <summary>Bytes of the application's body that wait here.</summary>
    int Buffered { get; }

    /// <summary>A piece of the application's body.</summary>
    void OnBody(ReadOnlySpan<byte> bytes);

    /// <summary>The application's answer is complete; the worker is free.</summary>
    void OnBodyEnd();

    /// <summary>Nobody is to be held any more. The owner is told the end, now or when it can be.</summary>
    void Abandon();
}
