using System.Buffers;
using System.Buffers.Binary;
using Darter.CPython;
using Darter.CPython.Native;
using Darter.Wire;

namespace Darter.Gateway.Runtime;

/// <summary>The header fields of a response as a header block, without those that belong to the connection.</summary>
internal class ResponseFields
{
    /// <summary>What the block may take of a frame: the rest is for the status and the first piece of the body.</summary>
    private const int LargestBlock = ChannelFormat.MaxPayload - ChannelFormat.MaxBodyChunk - 1024;

    private static readonly SearchValues<byte> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private byte[] _block = new byte[512];
    private int _length = 2;
    private long _contentLength = -1;
    private bool _namesFile;

    /// <summary>The header block.</summary>
    public ReadOnlySpan<byte> Block => _block.AsSpan(0, _length);

    /// <summary>Content-Length as the application gave it for its body, or -1.</summary>
    public long ContentLength => _namesFile ? -1 : _contentLength;

    /// <summary>Whether a field was dropped because it belongs to the connection.</summary>
    public bool DroppedField { get; private set; }

    /// <summary>Whether Trailer is passed on: trailers will follow.</summary>
    public bool KeepsTrailer { get; set; }

    /// <summary>Whether Trailer was passed on.</summary>
    public bool HasTrailer { get; private set; }

    /// <summary>No fields.</summary>
    public void Clear()
    {
        _length = 2;
        _block[0] = _block[1] = 0;
        _contentLength = -1;
        _namesFile = false;
        DroppedField = KeepsTrailer = HasTrailer = false;
    }

    /// <summary>Adds a field of the server's own, or one that was checked.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        int needed = _length + 4 + name.Length + value.Length;
        if (needed > _block.Length)
        {
            Array.Resize(ref _block, Math.Max(needed, _block.Length * 2));
        }

        _length += HeaderBlock.WriteField(_block.AsSpan(_length), name, value);
        BinaryPrimitives.WriteUInt16LittleEndian(_block, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(_block) + 1));
    }

    /// <summary>Whether it is a token (RFC 9110, 5.6.2) of a length that can be sent.</summary>
    public static bool IsToken(ReadOnlySpan<byte> name) =>
        name.Length is > 0 and <= ushort.MaxValue && !name.ContainsAnyExcept(TokenCharacters);

    /// <summary>What a field of this name, a token in lower case, is to the server.</summary>
    public static ResponseFieldKind Classify(ReadOnlySpan<byte> lower)
    {
        if (lower.SequenceEqual("content-length"u8))
        {
            return ResponseFieldKind.ContentLength;
        }

        if (lower.SequenceEqual("connection"u8))
        {
            return ResponseFieldKind.Connection;
        }

        if (lower.SequenceEqual("trailer"u8))
        {
            return ResponseFieldKind.Trailer;
        }

        if (lower.SequenceEqual("x-sendfile"u8) || lower.SequenceEqual("x-accel-redirect"u8))
        {
            return ResponseFieldKind.File;
        }

        return lower.SequenceEqual("keep-alive"u8) || lower.SequenceEqual("transfer-encoding"u8) || lower.SequenceEqual("upgrade"u8)
            || lower.SequenceEqual("te"u8) || lower.StartsWith("proxy-"u8)
            ? ResponseFieldKind.HopByHop
            : ResponseFieldKind.Normal;
    }

    /// <summary>Adds a field of the application. False: it is not valid; a Python error is set.</summary>
    protected bool TryAdd(ReadOnlySpan<byte> lower, ResponseFieldKind kind, ReadOnlySpan<byte> value)
    {
        switch (kind)
        {
            case ResponseFieldKind.ContentLength:
                return TrySetContentLength(value);
            case ResponseFieldKind.Connection when value.Trim((byte)' ').Length == 5 && System.Text.Ascii.EqualsIgnoreCase(value.Trim((byte)' '), "close"u8):
                Add(lower, "close"u8);
                return true;
            case ResponseFieldKind.Trailer when KeepsTrailer:
                HasTrailer = true;
                goto default;
            case ResponseFieldKind.File:
                _namesFile = true;
                goto default;
            case ResponseFieldKind.Connection or ResponseFieldKind.Trailer or ResponseFieldKind.HopByHop:
                DroppedField = true;
                return true;
            case ResponseFieldKind.Invalid:
                PythonError.Set(PyApi.PyExc_ValueError, "a header name is not a token");
                return false;
            default:
                if (value.Length > ChannelFormat.MaxHeaderField || _length + lower.Length + value.Length > LargestBlock)
                {
                    PythonError.Set(PyApi.PyExc_ValueError, "the headers are too long");
                    return false;
                }

                Add(lower, value);
                return true;
        }
    }

    private bool TrySetContentLength(ReadOnlySpan<byte> text)
    {
        if (!System.Buffers.Text.Utf8Parser.TryParse(text, out long length, out int read) || read != text.Length || !char.IsAsciiDigit((char)text[0])
            || (_contentLength >= 0 && _contentLength != length))
        {
            PythonError.Set(PyApi.PyExc_ValueError, "Content-Length is not one decimal number");
            return false;
        }

        _contentLength = length;
        return true;
    }
}
