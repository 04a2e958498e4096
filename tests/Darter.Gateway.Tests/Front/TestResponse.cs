using System.Text;
using Darter.Wire;

namespace Darter.Gateway.Tests.Front;

/// <summary>What a worker answered.</summary>
internal sealed class TestResponse
{
    private readonly List<byte> _body = [];

    public int Status { get; private set; }

    public string Reason { get; private set; } = "";

    public long ContentLength { get; private set; }

    public List<(string Name, string Value)> Headers { get; } = [];

    public byte[] Body => _body.ToArray();

    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>Status and fields of the informational responses before it.</summary>
    public List<(int Status, List<(string Name, string Value)> Headers)> Informational { get; } = [];

    public long ServiceTime { get; private set; }

    public AbortReason? Aborted { get; private set; }

    public string AbortText { get; private set; } = "";

    /// <summary>The trailer section.</summary>
    public List<(string Name, string Value)> Trailers { get; } = [];

    /// <summary>Whether RESPONSE came.</summary>
    public bool HasHead { get; private set; }

    /// <summary>The types of its frames, in order.</summary>
    public List<FrameType> Frames { get; } = [];

    /// <summary>Lengths of the pieces of the body, in order.</summary>
    public List<int> Pieces { get; } = [];

    public string? Header(string name) => Headers.Where(header => header.Name == name).Select(header => header.Value).SingleOrDefault();

    /// <summary>Adds a frame. True: the stream has ended.</summary>
    public bool Add(TestFrame frame, Func<long, long, byte[]> readFile)
    {
        Assert.Null(Aborted);
        Frames.Add(frame.Type);
        switch (frame.Type)
        {
            case FrameType.Informational:
                Assert.False(HasHead);
                Assert.True(ResponseHead.TryRead(frame.Payload, out ResponseHead hint));
                Informational.Add((hint.Status, ReadHeaders(hint.Headers)));
                return false;
            case FrameType.Response:
                Assert.False(HasHead);
                Assert.True(ResponseHead.TryRead(frame.Payload, out ResponseHead head));
                HasHead = true;
                Status = head.Status;
                Reason = Encoding.Latin1.GetString(head.Reason);
                ContentLength = head.ContentLength;
                Headers.AddRange(ReadHeaders(head.Headers));
                Append(head.Body);
                ServiceTime = head.ServiceTime;
                Assert.True(frame.IsEnd || head.ServiceTime == 0);
                return frame.IsEnd;
            case FrameType.Body:
                Assert.True(HasHead);
                Append(frame.Payload);
                return false;
            case FrameType.File:
                Assert.True(HasHead);
                Assert.True(FileRegion.TryRead(frame.Payload, out long offset, out long length));
                _body.AddRange(readFile(offset, length));
                return false;
            case FrameType.Trailers:
                Assert.Contains(Headers, header => header.Name == "trailer");
                Assert.True(HeaderBlock.TryRead(frame.Payload, out HeaderBlock trailers, out _));
                Trailers.AddRange(ReadHeaders(trailers));
                return false;
            case FrameType.End:
                Assert.True(HasHead);
                ServiceTime = BitConverter.ToInt64(frame.Payload);
                return true;
            case FrameType.Abort:
                Aborted = (AbortReason)frame.Payload[0];
                AbortText = frame.Text;
                return true;
            default:
                throw new InvalidOperationException($"unexpected {frame.Type}");
        }
    }

    private void Append(ReadOnlySpan<byte> piece)
    {
        Assert.InRange(piece.Length, 0, ChannelFormat.MaxBodyChunk);
        _body.AddRange(piece);
        if (piece.Length > 0)
        {
            Pieces.Add(piece.Length);
        }
    }

    public static List<(string Name, string Value)> ReadHeaders(HeaderBlock block)
    {
        List<(string Name, string Value)> headers = [];
        foreach (HeaderBlock.Field field in block)
        {
            headers.Add((Encoding.Latin1.GetString(field.Name), Encoding.Latin1.GetString(field.Value)));
        }

        return headers;
    }
}
