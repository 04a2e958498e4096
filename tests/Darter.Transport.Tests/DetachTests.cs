using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Darter.Transport.Tests;

/// <summary>Sockets that are taken from their connections.</summary>
public sealed class DetachTests
{
    private const int Much = 8 * 1024 * 1024;

    [Fact]
    public async Task Detached_SendsAndEnds_WhileTheConnectionIsOver()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        Owner owner = new();
        DetachedSocket socket = await DetachAsync(connection, owner);

        ReadResult read = await Wait.For(connection.Input.ReadAsync().AsTask(), "the end of the input");
        Assert.True(read is { IsCompleted: true, Buffer.IsEmpty: true });
        connection.Input.AdvanceTo(read.Buffer.End);
        Assert.True((await connection.Output.WriteAsync("lost"u8.ToArray())).IsCompleted);
        await Wait.For(connection.Server.DisposeAsync().AsTask(), "the connection to close");

        await connection.Loop.RunAsync(() =>
        {
            Assert.True(socket.Send("one "u8));
            Assert.True(socket.Send("two"u8));
            Assert.False(socket.IsSending);
            socket.Close();
            Assert.False(socket.Send("three"u8));
        });

        Assert.Equal("one two"u8.ToArray(), await Wait.For(Transfer.ReceiveToEndAsync(connection.Client), "the bytes"));
        Assert.False(owner.PeerIsGone.IsCompleted);
    }

    [Fact]
    public async Task WhatTheSocketDoesNotTake_FollowsInOrder()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync(client: socket => socket.ReceiveBufferSize = 16 * 1024);
        Owner owner = new();
        DetachedSocket socket = await DetachAsync(connection, owner);
        byte[] bytes = Transfer.Pattern(Much);
        await connection.Loop.RunAsync(() =>
        {
            Assert.True(socket.Send(bytes.AsSpan(0, Much / 2)));
            Assert.True(socket.IsSending);
            Assert.Throws<InvalidOperationException>(() => socket.Send("x"u8));
        });
        Task<byte[]> receiving = Transfer.ReceiveToEndAsync(connection.Client);
        await Wait.For(owner.Sent, "the first half");
        await connection.Loop.RunAsync(() =>
        {
            Assert.True(socket.Send(bytes.AsSpan(Much / 2)));

            // What waits is sent before the socket is closed.
            socket.Close();
        });

        Assert.Equal(bytes, await Wait.For(receiving, "everything"));
    }

    [Theory]
    [InlineData(SocketShutdown.Send)]
    [InlineData(SocketShutdown.Both)]
    public async Task PeerThatLeaves_IsNoticed(SocketShutdown how)
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        Owner owner = new();
        DetachedSocket socket = await DetachAsync(connection, owner);
        connection.Client.Shutdown(how);
        await Wait.For(owner.PeerIsGone, "the end of the peer");
        await connection.Loop.RunAsync(socket.Close);
    }

    [Fact]
    public async Task PeerThatLeavesWhileBytesWait_IsNoticed()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync(client: socket => socket.ReceiveBufferSize = 16 * 1024);
        Owner owner = new();
        DetachedSocket socket = await DetachAsync(connection, owner);
        await connection.Loop.RunAsync(() => Assert.True(socket.Send(new byte[Much])));
        connection.Client.Close(0);
        await Wait.For(owner.PeerIsGone, "the end of the peer");
        await connection.Loop.RunAsync(socket.Close);
    }

    [Fact]
    public async Task Abort_IsAReset()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        DetachedSocket socket = await DetachAsync(connection, new Owner());
        await connection.Loop.RunAsync(socket.Abort);
        await Assert.ThrowsAsync<SocketException>(() => Wait.For(connection.Client.ReceiveAsync(new byte[1]), "the reset"));
    }

    [Fact]
    public async Task WhatThePeerSends_DoesNotTakeFromItWhatItHasNotReadYet()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        DetachedSocket socket = await DetachAsync(connection, new Owner());
        await connection.Client.SendAsync("never read"u8.ToArray());

        // The event comes before the work that is posted behind it, or with it.
        await connection.Loop.RunAsync(() => Assert.True(socket.Send("begin "u8)));
        byte[] begin = new byte[6];
        Assert.Equal(6, await Wait.For(connection.Client.ReceiveAsync(begin), "the beginning"));
        await connection.Loop.RunAsync(() =>
        {
            Assert.True(socket.Send("end"u8));
            socket.Close();
        });
        Assert.Equal("end"u8.ToArray(), await Wait.For(Transfer.ReceiveToEndAsync(connection.Client), "the end"));
    }

    [Fact]
    public async Task ConnectionWithUnreadOrUnsentBytes_IsNotDetached_UntilTheyAreOut()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        await connection.Client.SendAsync("ab"u8.ToArray());
        ReadResult read = await Wait.For(connection.Input.ReadAsync().AsTask(), "the bytes");
        connection.Input.AdvanceTo(read.Buffer.GetPosition(1));
        Assert.Null(await TryDetachAsync(connection, new Owner()));

        read = await connection.Input.ReadAsync();
        connection.Input.AdvanceTo(read.Buffer.End);
        connection.Output.Write("unflushed"u8);
        Assert.Null(await TryDetachAsync(connection, new Owner()));

        await connection.Output.FlushAsync();
        Assert.NotNull(await TryDetachAsync(connection, new Owner()));
        Assert.Null(await TryDetachAsync(connection, new Owner()));
    }

    [Fact]
    public async Task ConnectionWhoseBytesAreNotTheUsers_IsNotDetached()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        IDuplexPipe own = connection.Server.Transport;
        connection.Server.Transport = new DuplexPipe(own.Input, own.Output);
        Assert.False(connection.Server.Features.Get<IDetachFeature>()!.CanDetach);
        Assert.Null(await TryDetachAsync(connection, new Owner()));
        connection.Server.Transport = own;
    }

    private static async Task<DetachedSocket> DetachAsync(ConnectionFixture connection, Owner owner)
    {
        DetachedSocket? socket = await TryDetachAsync(connection, owner);
        Assert.NotNull(socket);
        return socket;
    }

    private static Task<DetachedSocket?> TryDetachAsync(ConnectionFixture connection, Owner owner) =>
        connection.Loop.RunAsync(() => connection.Server.Features.Get<IDetachFeature>()!.TryDetach(owner));

    private sealed class Owner : IDetachedSocketOwner
    {
        private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _peerIsGone = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task Sent => _sent.Task;

        internal Task PeerIsGone => _peerIsGone.Task;

        public void OnSent() => _sent.TrySetResult();

        public void OnPeerGone() => _peerIsGone.TrySetResult();
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
