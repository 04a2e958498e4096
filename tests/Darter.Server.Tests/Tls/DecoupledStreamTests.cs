using System.Buffers;
using System.IO.Pipelines;
using Darter.Server.Tls;
using Darter.Testing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Darter.Server.Tests.Tls;

/// <summary>A stream of HTTP/3 between the HTTP server and the transport, whose part these tests play.</summary>
public sealed class DecoupledStreamTests
{
    [Fact]
    public async Task Flush_RunsNothingOfTheTransport()
    {
        TransportStream transport = new();
        DecoupledStream stream = DecoupledStream.Of(transport);
        using ManualResetEventSlim flushed = new();
        Task sending = transport.HoldUpAsync(flushed);

        // The transport goes on only after it: if it ran on this thread, this would never end.
        FlushResult flush = await stream.Output.WriteAsync("abc"u8.ToArray(), TestContext.Current.CancellationToken);
        flushed.Set();
        await Wait.For(sending, "the transport to have the data");
        Assert.False(flush.IsCompleted);
        Assert.Equal("abc"u8.ToArray(), transport.Sent);
    }

    [Fact]
    public async Task Responses_ComeToTheTransport_AndObjectsAreUsedAgain()
    {
        TransportStream transport = new();
        DecoupledStream? first = null;
        for (int round = 0; round < 3; round++)
        {
            DecoupledStream stream = DecoupledStream.Of(transport);
            Assert.Same(first ??= stream, stream);
            byte[] body = new byte[300_000];
            Random.Shared.NextBytes(body);
            Task sending = transport.SendAllAsync();
            foreach (byte[] piece in body.Chunk(50_000))
            {
                await stream.Output.WriteAsync(piece, TestContext.Current.CancellationToken);
            }

            stream.Output.Write("end"u8);
            await stream.Output.CompleteAsync();
            await stream.DisposeAsync();
            await Wait.For(sending, "the end of the transport's sending");
            stream.Dispose();
            Assert.True(transport.Sent.AsSpan().SequenceEqual([.. body, .. "end"u8]), "The response came changed.");
            Assert.Equal((round + 1, 0), (transport.Returned, transport.ReadsAborted));
            transport.Reset();
        }
    }

    [Fact]
    public async Task Flush_OfAResponseThatTheClientTakesSlowly_Waits()
    {
        TransportStream transport = new();
        DecoupledStream stream = DecoupledStream.Of(transport);
        Task<FlushResult> flush;
        int written = 0;
        do
        {
            flush = stream.Output.WriteAsync(new byte[16384], TestContext.Current.CancellationToken).AsTask();
            written += 16384;

            // It has ended, or all that is before it is with the transport, which takes no more.
            await Wait.Until(() => flush.IsCompleted || transport.Unsent >= TransportStream.MostUnsent, "a flush to end or to be held");
        }
        while (flush.IsCompleted && written < 1_000_000);

        Assert.True(written < 1_000_000, "No flush was held.");
        Task sending = transport.SendAllAsync();
        await Wait.For(flush, "the flush");
        await stream.DisposeAsync();
        await Wait.For(sending, "the end of the transport's sending");
        Assert.Equal(written, transport.Sent.Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TransportThatSendsNoMore_IsNotToldByAFlush_ButGivesUpTheRequest(bool fails)
    {
        TransportStream transport = new();
        DecoupledStream stream = DecoupledStream.Of(transport);
        await transport.StopAsync(fails ? new ConnectionResetException("reset") : null);
        for (int piece = 0; piece < 100; piece++)
        {
            FlushResult flush = await stream.Output.WriteAsync(new byte[16384], TestContext.Current.CancellationToken);
            Assert.False(flush.IsCompleted || flush.IsCanceled);
        }

        await Wait.Until(() => transport.ReadsAborted == 1, "the request to be given up");
        await stream.DisposeAsync();
        Assert.Equal(1, transport.Disposed);
    }

    [Fact]
    public async Task ErrorThatTheOutputEndsWith_ComesToTheTransport()
    {
        TransportStream transport = new();
        DecoupledStream stream = DecoupledStream.Of(transport);
        await stream.Output.CompleteAsync(new InvalidDataException("broken"));
        await Assert.ThrowsAsync<InvalidDataException>(transport.SendAllAsync);
        await stream.DisposeAsync();
    }

    /// <summary>The transport's side of a stream; as in the platform's, what sends runs on the thread that flushes.</summary>
    private sealed class TransportStream : DefaultConnectionContext, IPersistentStateFeature, IStreamAbortFeature, IDisposable
    {
        internal const int MostUnsent = 65_536;

        private readonly Pipe _output = new(new PipeOptions(
            readerScheduler: PipeScheduler.Inline, pauseWriterThreshold: MostUnsent, resumeWriterThreshold: MostUnsent / 2, useSynchronizationContext: false));

        private readonly ArrayBufferWriter<byte> _sent = new();

        internal TransportStream()
        {
            Features.Set<IPersistentStateFeature>(this);
            Features.Set<IStreamAbortFeature>(this);
            Transport = new Duplex(new Pipe().Reader, _output.Writer);
        }

        /// <inheritdoc/>
        public IDictionary<object, object?> State { get; } = new Dictionary<object, object?>();

        internal byte[] Sent => _sent.WrittenSpan.ToArray();

        internal int ReadsAborted { get; private set; }

        internal int Returned { get; private set; }

        internal int Disposed { get; private set; }

        /// <summary>What the transport holds: it looks, and leaves it there.</summary>
        internal long Unsent
        {
            get
            {
                if (!_output.Reader.TryRead(out ReadResult read))
                {
                    return 0;
                }

                long length = read.Buffer.Length;
                _output.Reader.AdvanceTo(read.Buffer.Start);
                return length;
            }
        }

        /// <inheritdoc/>
        public void AbortRead(long errorCode, ConnectionAbortedException abortReason)
        {
            Assert.Equal(0x10C, errorCode);
            ReadsAborted++;
        }

        /// <inheritdoc/>
        public void AbortWrite(long errorCode, ConnectionAbortedException abortReason) => throw new NotSupportedException();

        /// <inheritdoc/>
        public void Dispose() => Returned++;

        /// <inheritdoc/>
        public override ValueTask DisposeAsync()
        {
            Disposed++;
            return base.DisposeAsync();
        }

        internal async Task SendAllAsync()
        {
            ReadResult read;
            do
            {
                read = await _output.Reader.ReadAsync().ConfigureAwait(false);
                Take(read);
            }
            while (!read.IsCompleted);
            await _output.Reader.CompleteAsync();
        }

        internal async Task HoldUpAsync(ManualResetEventSlim until)
        {
            ReadResult read = await _output.Reader.ReadAsync().ConfigureAwait(false);
            until.Wait();
            Take(read);
        }

        internal ValueTask StopAsync(Exception? reason) => _output.Reader.CompleteAsync(reason);

        internal void Reset()
        {
            _output.Reset();
            _sent.ResetWrittenCount();
        }

        private void Take(ReadResult read)
        {
            foreach (ReadOnlyMemory<byte> part in read.Buffer)
            {
                _sent.Write(part.Span);
            }

            _output.Reader.AdvanceTo(read.Buffer.End);
        }

        private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
    }
}
