namespace Darter.Gateway.Asgi;

/// <summary>What an <see cref="AwaitedCall"/> waits for.</summary>
internal enum AwaitedKind
{
    /// <summary>The next message of receive().</summary>
    Receive,

    /// <summary>That the front has taken what send() was given.</summary>
    Drain,
}
