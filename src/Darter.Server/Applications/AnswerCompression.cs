using System.Buffers;
using Darter.Server.Compression;
using Darter.Server.Configuration;

namespace Darter.Server.Applications;

/// <summary>Compressing answers, and the memory for those that are compressed as a whole. On the pool's loop only, but for the rules.</summary>
internal sealed class AnswerCompression(CompressionRules rules)
{
    private readonly ArrayBufferWriter<byte> _whole = new();

    /// <summary>Which answers are compressed.</summary>
    internal CompressionRules Rules { get; } = rules;

    /// <summary>The last whole body that was compressed.</summary>
    internal ReadOnlySpan<byte> Whole => _whole.WrittenSpan;

    /// <summary>Compresses a whole body; the bytes are valid until the next call.</summary>
    internal ReadOnlySpan<byte> Encode(ContentCodings coding, ReadOnlySpan<byte> body)
    {
        _whole.ResetWrittenCount();
        using BodyEncoder encoder = BodyEncoder.Create(coding);
        encoder.Write(body, _whole);
        encoder.Finish(_whole);
        return _whole.WrittenSpan;
    }
}
