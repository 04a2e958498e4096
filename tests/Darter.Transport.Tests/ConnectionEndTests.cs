using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace Darter.Transport.Tests;

/// <summary>How the server's side ends a connection.</summary>
public sealed class ConnectionEndTests
{
    [Fact]
    public async Task Abort_WhileAFlushWaits_CompletesItAndResetsThePeer()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        (_, Task<FlushResult> flush) = await Transfer.StallAsync(connection);

        connection.Server.Abort(new ConnectionAbortedException("enough"));

        Assert.True((await Wait.For(flush, "the aborted flush")).IsCompleted);
        SocketException reset = await Assert.ThrowsAsync<SocketException>(async () => await Transfer.ReceiveToEndAsync(connection.Client));
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
        connection.Output.Write("to nobody"u8);
        Assert.True((await connection.Output.FlushAsync()).IsCompleted);
    }

    [Theory]
    [InlineData(AddressKind.IPv4)]
    [InlineData(AddressKind.Unix)]
    [InlineData(AddressKind.Abstract)]
    public async Task DisposeAsync_WithUnsentBytes_SendsThemFirst(AddressKind kind)
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync(kind);
        (int written, _) = await Transfer.StallAsync(connection);

        Task dispose = connection.Server.DisposeAsync().AsTask();
        byte[] received = await Wait.For(Transfer.ReceiveToEndAsync(connection.Client), "everything and the end");

        await Wait.For(dispose, "the connection to close");
        Assert.Equal(Transfer.Pattern(written), received);
    }

    [Fact]
    public async Task DisposeAsync_PeerNeverReads_EndsWithAnAbort()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        await Transfer.StallAsync(connection);
        Task dispose = connection.Server.DisposeAsync().AsTask();
        await connection.Loop.RunAsync(() => { });
        Assert.False(dispose.IsCompleted);

        connection.Server.Abort(new ConnectionAbortedException("too slow"));

        await Wait.For(dispose, "the connection to close");
    }

    [Fact]
    public async Task DisposeAsync_PeerStillSending_GetsTheResponseNevertheless()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        Task<ReadResult> read = connection.Input.ReadAsync().AsTask();
        byte[] upload = new byte[8 * 1024 * 1024];
        Task sending = connection.Client.SendAsync(upload);
        ReadResult result = await Wait.For(read, "the request's first bytes");
        connection.Input.AdvanceTo(result.Buffer.Start);
        connection.Output.Write("no thanks"u8);
        await connection.Output.FlushAsync();

        await Wait.For(connection.Server.DisposeAsync().AsTask(), "the connection to close");

        // The peer finishes its upload before it reads, as simple clients do.
        await Wait.For(sending, "the upload to be taken");
        Assert.Equal("no thanks", Encoding.ASCII.GetString(await Wait.For(Transfer.ReceiveToEndAsync(connection.Client), "the response")));
    }
}
