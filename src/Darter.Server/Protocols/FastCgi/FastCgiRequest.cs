using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;

namespace Darter.Server.Protocols.FastCgi;

/// <summary>A request of a FastCGI connection, from FCGI_BEGIN_REQUEST on.</summary>
internal sealed class FastCgiRequest(ushort id, bool keepsConnection)
{
    private readonly ArrayBufferWriter<byte> _params = new(1024);

    /// <summary>Its id.</summary>
    internal ushort Id { get; } = id;

    /// <summary>Whether the connection goes on after it (FCGI_KEEP_CONN).</summary>
    internal bool KeepsConnection { get; } = keepsConnection;

    /// <summary>When it began.</summary>
    internal long BeganAt { get; } = Stopwatch.GetTimestamp();

    /// <summary>Its variables, once they are all there.</summary>
    internal CgiRequest? Variables { get; set; }

    /// <summary>What the application sees; null: it was not started.</summary>
    internal FastCgiExchange? Exchange { get; set; }

    /// <summary>Where its body goes; null: nobody wants it.</summary>
    internal PipeWriter? Body { get; set; }

    /// <summary>Bytes of the body that are wanted still.</summary>
    internal long BodyLeft { get; set; }

    /// <summary>The bytes of FCGI_PARAMS.</summary>
    internal ReadOnlySpan<byte> Params => _params.WrittenSpan;

    /// <summary>Adds to them. False: they are too many.</summary>
    internal bool TryAdd(in ReadOnlySequence<byte> content)
    {
        if (_params.WrittenCount + content.Length > ushort.MaxValue)
        {
            return false;
        }

        foreach (ReadOnlyMemory<byte> part in content)
        {
            _params.Write(part.Span);
        }

        return true;
    }

    /// <summary>They were read.</summary>
    internal void DropParams() => _params.Clear();
}
