using System.Globalization;
using Darter.Transport.Files;
using Microsoft.Net.Http.Headers;

namespace Darter.Server.Files;

/// <summary>
/// What tells one version of a file from another (RFC 9110, section 8.8). The tag is made of the time of modification in
/// nanoseconds, the length and the inode, so a file that is replaced, edited or restored gets another one.
/// </summary>
/// <remarks>
/// It is as strong as the file system's clock is fine: that advances with the kernel's ticks, every 1 to 10 ms, and in file
/// systems of other origin every two seconds. What was modified less than that ago may be modified again with the same time
/// and length, so until then the tag is weak: good for asking whether something has changed, not for putting parts together.
/// </remarks>
internal readonly struct Validators
{
    private static readonly TimeSpan ClockStep = TimeSpan.FromSeconds(2);

    private Validators(string tag, DateTimeOffset modified, bool isStrong)
    {
        Tag = tag;
        Modified = modified;
        IsStrong = isStrong;
    }

    /// <summary>The entity tag as it stands in the header field.</summary>
    internal string Tag { get; }

    /// <summary>The time of modification, in whole seconds as HTTP has it.</summary>
    internal DateTimeOffset Modified { get; }

    /// <summary>Whether equal tags mean equal bytes.</summary>
    internal bool IsStrong { get; }

    /// <summary>The time as it stands in the header field.</summary>
    internal string LastModified => HeaderUtilities.FormatDate(Modified);

    /// <summary>The validators of a file's bytes.</summary>
    internal static Validators Of(in FileStatus status, DateTimeOffset now)
    {
        bool settled = now - status.Modified is var age && age >= ClockStep;
        return new Validators(
            string.Create(
                CultureInfo.InvariantCulture, $"{(settled ? "" : "W/")}\"{status.ModifiedSeconds:x}.{status.ModifiedNanoseconds:x}-{status.Length:x}-{status.Inode:x}\""),
            WholeSeconds(status, now),
            settled);
    }

    /// <summary>
    /// The validators of the same file compressed while it is sent. Another version of the compressor may make other bytes of
    /// it, so the tag is weak.
    /// </summary>
    internal Validators Compressed(string coding) => new($"{(IsStrong ? "W/" : "")}{Tag.AsSpan(0, Tag.Length - 1)}-{coding}\"", Modified, isStrong: false);

    /// <summary>Section 8.8.2.1: a time in the future is replaced by that of the response.</summary>
    private static DateTimeOffset WholeSeconds(in FileStatus status, DateTimeOffset now)
    {
        DateTimeOffset modified = status.Modified;
        return DateTimeOffset.FromUnixTimeSeconds((modified > now ? now : modified).ToUnixTimeSeconds());
    }
}
