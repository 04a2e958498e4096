using System.IO.Pipelines;
using Darter.Server.Configuration;
using Darter.Server.Protocols;
using Darter.Testing;
using Darter.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;

namespace Darter.Server.Tests.Protocols;

/// <summary>A connection of a gateway protocol in memory.</summary>
internal sealed class GatewayHarness : IDisposable
{
    private readonly EventLoopGroup _loops = new(1, NullLogger<EventLoopGroup>.Instance);
    private readonly Func<ServerConfig, ServerConfig>? _configure;

    public GatewayHarness(Func<ServerConfig, ServerConfig>? configure = null) => _configure = configure;

    public EchoApplication Application { get; } = new();

    /// <summary>Sends parts one after another, and returns what came back and whether the connection was reset.</summary>
    public async Task<(byte[] Received, bool WasReset)> TalkAsync(ListenerProtocol protocol, IEnumerable<byte[]> parts, bool ends = true)
    {
        await using MemoryConnection connection = Open(protocol);
        foreach (byte[] part in parts)
        {
            await connection.WriteAsync(part);
        }

        if (ends)
        {
            connection.End();
        }

        byte[] received = await connection.ReadToEndAsync();
        return (received, connection.WasReset);
    }

    /// <summary>Opens a connection.</summary>
    public MemoryConnection Open(ListenerProtocol protocol)
    {
        ServerConfig config = new() { Binds = [BindAddress.Inherited(3)] };
        GatewayListener listener = new("test", _configure?.Invoke(config) ?? config, new ExchangeRunner<Microsoft.AspNetCore.Http.Features.IFeatureCollection>(Application, logger: null), NullLogger.Instance);
        return new MemoryConnection(GatewayProtocols.Serve(protocol, listener), _loops.Loops[0]);
    }

    public void Dispose() => _loops.Dispose();

    /// <summary>The other end of a connection.</summary>
    internal sealed class MemoryConnection : IAsyncDisposable
    {
        private readonly Pipe _toServer = new(new PipeOptions(pauseWriterThreshold: 0));
        private readonly Pipe _toClient = new(new PipeOptions(pauseWriterThreshold: 0));
        private readonly Context _context;
        private readonly Task _serving;

        internal MemoryConnection(ConnectionDelegate serve, EventLoop loop)
        {
            _context = new Context(new Duplex(_toServer.Reader, _toClient.Writer), new Duplex(_toClient.Reader, _toServer.Writer));
            _context.Features.Set<IEventLoopFeature>(new LoopFeature(loop));
            _serving = ServeAsync(serve);
        }

        public bool WasReset => _context.WasReset;

        public async Task WriteAsync(byte[] bytes) => await _toServer.Writer.WriteAsync(bytes);

        public void End() => _toServer.Writer.Complete();

        public async Task<byte[]> ReadToEndAsync()
        {
            await Wait.For(_serving, "the end of the connection");
            ReadResult result = await _toClient.Reader.ReadAsync();
            byte[] received = System.Buffers.BuffersExtensions.ToArray(result.Buffer);
            _toClient.Reader.AdvanceTo(result.Buffer.End);
            return received;
        }

        /// <summary>Reads that many bytes, or to the end.</summary>
        public async Task<byte[]> ReadAsync(int count)
        {
            ReadResult result = await Wait.For(_toClient.Reader.ReadAtLeastAsync(count).AsTask(), "bytes of the server");
            byte[] received = System.Buffers.BuffersExtensions.ToArray(result.Buffer);
            _toClient.Reader.AdvanceTo(result.Buffer.End);
            return received;
        }

        public async ValueTask DisposeAsync()
        {
            _toServer.Writer.Complete();
            await Wait.For(_serving, "the end of the connection");
        }

        private async Task ServeAsync(ConnectionDelegate serve)
        {
            await serve(_context);
            _toClient.Writer.Complete();
        }
    }

    private sealed class Context(IDuplexPipe transport, IDuplexPipe application) : DefaultConnectionContext("id", transport, application)
    {
        private volatile bool _wasReset;

        public bool WasReset => _wasReset;

        public override void Abort(ConnectionAbortedException abortReason)
        {
            _wasReset = true;
            base.Abort(abortReason);
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed record LoopFeature(EventLoop Loop) : IEventLoopFeature;
}
