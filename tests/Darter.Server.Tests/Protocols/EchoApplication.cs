using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Tests.Protocols;

/// <summary>
/// Answers with method, target, and the length and hash of the body. The target /wait waits until the request is aborted,
/// /break breaks off, /short sends less than it says, /throw throws.
/// </summary>
internal sealed class EchoApplication : IHttpApplication<IFeatureCollection>
{
    private int _disposed;

    /// <summary>How many requests have ended.</summary>
    public int Disposed => Volatile.Read(ref _disposed);

    /// <summary>The answer to a request.</summary>
    public static string Answer(string method, string target, ReadOnlySpan<byte> body) =>
        $"{method} {target} {body.Length} {Convert.ToHexStringLower(SHA256.HashData(body))}";

    public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    public void DisposeContext(IFeatureCollection context, Exception? exception) => Interlocked.Increment(ref _disposed);

    public async Task ProcessRequestAsync(IFeatureCollection context)
    {
        IHttpRequestFeature request = context.GetRequiredFeature<IHttpRequestFeature>();
        IHttpResponseFeature response = context.GetRequiredFeature<IHttpResponseFeature>();
        PipeWriter writer = context.GetRequiredFeature<IHttpResponseBodyFeature>().Writer;
        IHttpRequestLifetimeFeature lifetime = context.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        switch (request.RawTarget)
        {
            case "/wait":
                await Task.Delay(Timeout.Infinite, lifetime.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            case "/break":
                await writer.WriteAsync("part"u8.ToArray());
                lifetime.Abort();
                return;
            case "/short":
                response.Headers.ContentLength = 10;
                await writer.WriteAsync("part"u8.ToArray());
                return;
            case "/throw":
                throw new InvalidOperationException("as asked");
        }

        ArrayBufferWriter<byte> body = new();
        if (context.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody)
        {
            try
            {
                await ReadAsync(context.GetRequiredFeature<IRequestBodyPipeFeature>().Reader, body);
            }
            catch (BadHttpRequestException exception)
            {
                response.StatusCode = exception.StatusCode;
                return;
            }
        }

        await writer.WriteAsync(Encoding.ASCII.GetBytes(Answer(request.Method, request.RawTarget, body.WrittenSpan)));
    }

    private static async Task ReadAsync(PipeReader reader, ArrayBufferWriter<byte> body)
    {
        while (true)
        {
            ReadResult result = await reader.ReadAsync();
            foreach (ReadOnlyMemory<byte> part in result.Buffer)
            {
                body.Write(part.Span);
            }

            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }
}
