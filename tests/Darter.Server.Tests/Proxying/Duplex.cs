using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Darter.Server.Tests.Proxying;

/// <summary>A request body that is written while the response is read.</summary>
internal sealed class Duplex : HttpContent
{
    private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Duplex(string type) => Headers.ContentType = new MediaTypeHeaderValue(type);

    public async Task WriteAsync(string text)
    {
        Stream stream = await _stream.Task;
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text));
        await stream.FlushAsync();
    }

    public void End() => _end.TrySetResult();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.FlushAsync();
        _stream.SetResult(stream);
        await _end.Task;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
