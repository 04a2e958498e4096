using System.Net;
using System.Text;
using System.Threading.Channels;

namespace Darter.Integration.Tests.Asgi;

/// <summary>
/// The body of a request that is sent as the test writes it. With the platform's own kinds of content the client would not
/// read before all is sent.
/// </summary>
internal sealed class PushedContent : HttpContent
{
    private readonly Channel<byte[]> _pieces = Channel.CreateUnbounded<byte[]>();

    /// <summary>A body of which all is there.</summary>
    public static async Task<PushedContent> OfAsync(byte[] content)
    {
        var pushed = new PushedContent();
        await pushed._pieces.Writer.WriteAsync(content);
        pushed.Complete();
        return pushed;
    }

    /// <summary>Writes a piece.</summary>
    public ValueTask WriteAsync(string text) => _pieces.Writer.WriteAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Ends the body.</summary>
    public void Complete() => _pieces.Writer.Complete();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.FlushAsync();
        await foreach (byte[] piece in _pieces.Reader.ReadAllAsync())
        {
            await stream.WriteAsync(piece);
            await stream.FlushAsync();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
