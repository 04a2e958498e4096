using Darter.Server.Configuration;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Caching;

/// <summary>The compressed forms of an answer, each of which is made when the first client wants it. Any thread.</summary>
/// <param name="vary">Vary, with Accept-Encoding; empty: the answer is not compressed.</param>
internal sealed class EncodedForms(StringValues vary)
{
    // A form, or the task that makes it. The answer itself stands where nothing is gained, or there is no room.
    private readonly object?[] _forms = new object?[3];

    /// <summary>Those of an answer that is not compressed.</summary>
    internal static EncodedForms None { get; } = new(StringValues.Empty);

    /// <summary>Vary of all forms, that of the bytes as they are included.</summary>
    internal StringValues Vary { get; } = vary;

    /// <summary>Whether there may be some.</summary>
    internal bool MayExist => Vary.Count > 0;

    /// <summary>A form, a task of one, or null: it was never wanted.</summary>
    internal object? Find(ContentCodings coding) => Volatile.Read(ref _forms[IndexOf(coding)]);

    /// <summary>Has a form, or a task of one, if there is none; what is there now.</summary>
    internal object TrySet(ContentCodings coding, object form) => Interlocked.CompareExchange(ref _forms[IndexOf(coding)], form, null) ?? form;

    /// <summary>Has a form in the place of its task.</summary>
    internal void Set(ContentCodings coding, CachedAnswer form) => Volatile.Write(ref _forms[IndexOf(coding)], form);

    private static int IndexOf(ContentCodings coding) => coding switch
    {
        ContentCodings.Gzip => 0,
        ContentCodings.Brotli => 1,
        _ => 2,
    };
}
