using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Darter.Integration.Tests.Tls;

/// <summary>
/// A client that keeps what came before it was decrypted. With TLS 1.2 the types of records can be seen there (RFC 5246, 6.2.1), and
/// with that whether the server said that it closes, which .NET does not tell.
/// </summary>
internal sealed class RecordedTls : IAsyncDisposable
{
    private const byte Alert = 21;

    private readonly Recorder _recorder;
    private readonly SslStream _stream;

    private RecordedTls(Recorder recorder)
    {
        _recorder = recorder;
        _stream = new SslStream(recorder);
    }

    /// <summary>Connects and makes the handshake.</summary>
    internal static async Task<RecordedTls> OpenAsync(DarterServer server, SslApplicationProtocol protocol)
    {
        RecordedTls tls = new(new Recorder(new NetworkStream(await Wait.For(server.Address.ConnectAsync(), "a connection"), ownsSocket: true)));
        await Wait.For(
            tls._stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                EnabledSslProtocols = SslProtocols.Tls12,
                ApplicationProtocols = [protocol],
                RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.Issuer == "CN=authority",
            }),
            "a handshake");
        return tls;
    }

    /// <summary>Sends characters U+0000 to U+00FF as bytes.</summary>
    internal async Task WriteAsync(string text) => await Wait.For(_stream.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask(), "the server to read");

    /// <summary>Reads until this has come.</summary>
    internal async Task<string> ReadToAsync(string text)
    {
        StringBuilder read = new();
        byte[] buffer = new byte[4096];
        while (!read.ToString().Contains(text, StringComparison.Ordinal))
        {
            int count = await Wait.For(_stream.ReadAsync(buffer).AsTask(), text);
            Assert.True(count > 0, $"The connection ended behind: {read}");
            read.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        return read.ToString();
    }

    /// <summary>Reads to the end of the connection, and says whether the server's last record was an alert.</summary>
    internal async Task<bool> EndsWithAlertAsync()
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (await Wait.For(_stream.ReadAsync(buffer).AsTask(), "the end of the connection") > 0)
            {
            }
        }
        catch (IOException exception) when (exception.InnerException is SocketException)
        {
            // A reset.
        }

        return _recorder.LastType() == Alert;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private sealed class Recorder(NetworkStream inner) : Stream
    {
        private readonly MemoryStream _read = new();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        /// <summary>The type of the last whole record.</summary>
        internal byte LastType()
        {
            byte type = 0;
            ReadOnlySpan<byte> left = _read.ToArray();
            while (left.Length >= 5 && BinaryPrimitives.ReadUInt16BigEndian(left[3..]) is var length && left.Length >= 5 + length)
            {
                type = left[0];
                left = left[(5 + length)..];
            }

            return type;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int count = await inner.ReadAsync(buffer, cancellationToken);
            _read.Write(buffer.Span[..count]);
            return count;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

        public override void Flush() => inner.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
                _read.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
