using System.Buffers.Binary;
using Darter.Testing.Http2;

namespace Darter.Integration.Tests.Http2;

/// <summary>The options of HTTP/2, as the server announces them (RFC 9113, 6.5.2).</summary>
public sealed class Http2OptionsTests(ServerPool pool) : ServerTest(pool)
{
    private const int MaxConcurrentStreams = 3;
    private const int MaxFrameSize = 5;

    [Theory]
    [InlineData(new string[0], 100u, 16384u)]
    [InlineData(new[] { "--http2-max-concurrent-streams", "7", "--http2-max-frame-size", "20000" }, 7u, 20000u)]
    public async Task Settings_OfTheServer_AreThoseOfItsOptions(string[] options, uint streams, uint frame)
    {
        DarterServer server = await StartAsync(new DarterServerOptions { Target = App("core"), Arguments = options });
        await using RawHttp2Connection connection = await RawHttp2Connection.OpenAsync(server.Address);
        Http2Frame settings = (await connection.ReadAsync())!;
        Assert.Equal(Http2FrameType.Settings, settings.Type);
        Dictionary<int, uint> values = settings.Payload.Chunk(6).ToDictionary(
            entry => (int)BinaryPrimitives.ReadUInt16BigEndian(entry), entry => BinaryPrimitives.ReadUInt32BigEndian(entry.AsSpan(2)));
        Assert.Equal(streams, values[MaxConcurrentStreams]);

        // What is not announced has the protocol's default.
        Assert.Equal(frame, values.GetValueOrDefault(MaxFrameSize, 16384u));
    }
}
