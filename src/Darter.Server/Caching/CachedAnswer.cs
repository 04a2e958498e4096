using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Darter.Server.Caching;

/// <summary>An answer that is kept. It never changes, but for where the store has it.</summary>
internal sealed class CachedAnswer
{
    // What an answer takes beside its bytes: the objects around them, and its places in the store. Measured generously.
    internal const int Overhead = 768;

    // Of a field: its place in the array, and the heads of two strings.
    private const int FieldOverhead = 96;

    private AgeText? _ageText;
    private Task<long>? _sent;
    private EncodedForms? _forms;

    /// <summary>The status.</summary>
    internal required int Status { get; init; }

    /// <summary>The reason phrase; null: the usual one.</summary>
    internal string? Reason { get; init; }

    /// <summary>The header fields as they are sent, without Age and Cache-Status.</summary>
    internal required KeyValuePair<string, StringValues>[] Fields { get; init; }

    /// <summary>The body, in pieces.</summary>
    internal required byte[][] Body { get; init; }

    /// <summary>The body's length in bytes.</summary>
    internal required long Length { get; init; }

    /// <summary>How long it may be used.</summary>
    internal required Freshness Freshness { get; init; }

    /// <summary>Whose requests may be answered with it.</summary>
    internal required CacheAudience Audience { get; init; }

    /// <summary>What it can be purged by (Surrogate-Key, Cache-Tag).</summary>
    internal string[] Tags { get; init; } = [];

    /// <summary>ETag, if it has one.</summary>
    internal EntityTagHeaderValue? EntityTag { get; init; }

    /// <summary>Last-Modified, if it has one.</summary>
    internal DateTimeOffset? Modified { get; init; }

    /// <summary>Whether it can be asked whether it is still right.</summary>
    internal bool HasValidator => EntityTag is not null || Modified is not null;

    /// <summary>Its compressed forms; null: nobody has looked whether it has some.</summary>
    internal EncodedForms? Forms => Volatile.Read(ref _forms);

    /// <summary>What sending all of it comes to, for those who want a task.</summary>
    internal Task<long> Sent => _sent ??= Task.FromResult(Length);

    /// <summary>Bytes it takes in memory, those of its place in the store included.</summary>
    internal long Size { get; private set; }

    /// <summary>Where the store has it.</summary>
    internal CacheResource? Resource { get; private set; }

    /// <summary>The request's values of the resource's fields (<see cref="CacheResource.VaryNames"/>).</summary>
    internal string?[] VaryValues { get; private set; } = [];

    /// <summary>Of the store's queues: neighbours, which queue, and how often it was used, up to 3.</summary>
    internal CachedAnswer? Previous { get; set; }

    /// <inheritdoc cref="Previous"/>
    internal CachedAnswer? Next { get; set; }

    /// <inheritdoc cref="Previous"/>
    internal AnswerQueue? Queue { get; set; }

    /// <inheritdoc cref="Previous"/>
    internal int Uses { get; set; }

    /// <summary>It was used. Any thread; that a use is lost now and then does no harm.</summary>
    internal void Touch()
    {
        if (Uses < EvictionQueues.MostUses)
        {
            Uses++;
        }
    }

    /// <summary>Gives it its place, before others see it.</summary>
    internal void Place(CacheResource resource, string?[] varyValues)
    {
        Resource = resource;
        VaryValues = varyValues;
        Size = SizeOf(resource.Key.Length);
        foreach (string? value in varyValues)
        {
            Size += 2L * (value?.Length ?? 0);
        }
    }

    /// <summary>Somebody has looked whether it has compressed forms; those that it has.</summary>
    internal EncodedForms TrySetForms(EncodedForms forms) => Interlocked.CompareExchange(ref _forms, forms, null) ?? forms;

    /// <summary>It takes more bytes from now on.</summary>
    internal void Grow(long bytes) => Size += bytes;

    /// <summary>Bytes it takes for a resource with a key of this length.</summary>
    internal long SizeOf(int keyLength)
    {
        long size = Overhead + Length + (2L * keyLength);
        foreach ((string name, StringValues values) in Fields)
        {
            size += FieldOverhead + (2L * name.Length);
            foreach (string? value in values)
            {
                size += 2L * (value?.Length ?? 0);
            }
        }

        foreach (string tag in Tags)
        {
            size += FieldOverhead + (2L * tag.Length);
        }

        return size;
    }

    /// <summary>The values of Age and Cache-Status of a hit, made once a second.</summary>
    internal AgeText AgeTextAt(long now)
    {
        long age = Freshness.AgeAt(now) / 1000;
        AgeText? text = _ageText;
        if (text is null || text.Seconds != age)
        {
            _ageText = text = new AgeText(age, Freshness.RemainingAt(now) / 1000);
        }

        return text;
    }
}
