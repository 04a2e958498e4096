using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Transport.Tests;

/// <summary>Applications of several tests.</summary>
internal static class Applications
{
    /// <summary>Answers with the request's path.</summary>
    internal static Task EchoPath(IFeatureCollection features) => RespondAsync(features, features.GetRequiredFeature<IHttpRequestFeature>().Path);

    /// <summary>Reads the whole body and answers with its length and checksum.</summary>
    internal static async Task Checksum(IFeatureCollection features)
    {
        PipeReader reader = PipeReader.Create(features.GetRequiredFeature<IHttpRequestFeature>().Body);
        Checksum checksum = new();
        while (true)
        {
            ReadResult result = await reader.ReadAsync();
            foreach (ReadOnlyMemory<byte> memory in result.Buffer)
            {
                checksum.Add(memory.Span);
            }

            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                break;
            }
        }

        await RespondAsync(features, checksum.ToString());
    }

    internal static async Task RespondAsync(IFeatureCollection features, string text)
    {
        byte[] body = Encoding.ASCII.GetBytes(text);
        features.GetRequiredFeature<IHttpResponseFeature>().Headers.ContentLength = body.Length;
        await features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.WriteAsync(body);
    }
}
