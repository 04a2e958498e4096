using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Observability;

/// <summary>What is known of a request that has ended. Refers to what the HTTP server uses again for the next one.</summary>
internal readonly ref struct RequestRecord
{
    /// <summary>The status of a request whose client left before the response began, as nginx's.</summary>
    internal const int StatusClientLeft = 499;

    /// <summary>The request.</summary>
    internal required IHttpRequestFeature Request { get; init; }

    /// <summary>The response's header fields.</summary>
    internal required IHttpResponseFeature Response { get; init; }

    /// <summary>The response's status.</summary>
    internal required int Status { get; init; }

    /// <summary>How it ended.</summary>
    internal required RequestEnd End { get; init; }

    /// <summary>Bytes of the response's body; of a WebSocket, of the frames to the client.</summary>
    internal required long Bytes { get; init; }

    /// <summary>How long it took from the moment its head was read, in ticks of <see cref="Stopwatch"/>.</summary>
    internal required long Duration { get; init; }

    /// <summary>How much of that it waited for a worker, in ticks of <see cref="Stopwatch"/>; -1: it was given to none.</summary>
    internal required long Queued { get; init; }

    /// <summary>The client's address as the application was told; empty: none, a Unix socket.</summary>
    internal required ReadOnlySpan<byte> ClientHost { get; init; }

    /// <summary>The client's port, or 0.</summary>
    internal required ushort ClientPort { get; init; }

    /// <summary>The address that the client connected to, or the path of a Unix socket.</summary>
    internal required ReadOnlySpan<byte> ServerHost { get; init; }

    /// <summary>The port that the client connected to, or 0.</summary>
    internal required ushort ServerPort { get; init; }

    /// <summary>Whether the client's connection is encrypted, as the application was told.</summary>
    internal required bool IsHttps { get; init; }

    /// <summary>Process id of the worker that had it, or of the front.</summary>
    internal required int ProcessId { get; init; }

    /// <summary>The request's id, or null where nobody wants it.</summary>
    internal required string? Id { get; init; }

    /// <summary>How long it took.</summary>
    internal TimeSpan Elapsed => Stopwatch.GetElapsedTime(0, Duration);
}
