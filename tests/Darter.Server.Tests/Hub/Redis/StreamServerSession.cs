using System.Threading.Channels;
using Darter.Server.Hub.Redis;

namespace Darter.Server.Tests.Hub.Redis;

/// <summary>A connection to a <see cref="StreamServer"/>: commands in one direction, pushed items in the other, each in their order.</summary>
internal sealed class StreamServerSession : IStreamSession
{
    private readonly StreamServer _server;
    private readonly Channel<Action> _commands = Channel.CreateUnbounded<Action>();
    private readonly Channel<StreamPush> _pushes = Channel.CreateUnbounded<StreamPush>();
    private readonly CancellationTokenSource _lost = new();

    internal StreamServerSession(StreamServer server, Action<IStreamSession, StreamPush> pushed)
    {
        _server = server;
        Lost = _lost.Token;
        _ = Task.Run(async () =>
        {
            await foreach (Action command in _commands.Reader.ReadAllAsync())
            {
                command();
            }
        });
        _ = Task.Run(async () =>
        {
            await foreach (StreamPush push in _pushes.Reader.ReadAllAsync())
            {
                // Pushed items that lie in the buffers of a broken connection are gone.
                if (!Lost.IsCancellationRequested)
                {
                    pushed(this, push);
                }
            }
        });
    }

    /// <inheritdoc/>
    public CancellationToken Lost { get; }

    /// <inheritdoc/>
    public string Reason { get; private set; } = "";

    /// <inheritdoc/>
    public void Append(string channel, string origin, long sequence, long? after, ReadOnlyMemory<byte> data) => _commands.Writer.TryWrite(() =>
    {
        if (_server.Append(channel, origin, sequence, after, data) is { } error)
        {
            Fail(error);
        }
    });

    /// <inheritdoc/>
    public Task<long> StoredAsync(string channel, string origin) => AskAsync(() => _server.Stored(channel, origin));

    /// <inheritdoc/>
    public Task<IReadOnlyList<StreamEntry>> ReadAsync(string channel, StreamId after, int most) =>
        AskAsync<IReadOnlyList<StreamEntry>>(() => [.. _server.Stream(channel).Where(entry => entry.Id > after).Take(most)]);

    /// <inheritdoc/>
    public void Fail(string reason)
    {
        lock (_lost)
        {
            if (Reason.Length == 0)
            {
                Reason = reason;
                _ = Task.Run(_lost.Cancel);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Fail("closed");
        _commands.Writer.TryComplete();
        _pushes.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    internal void Push(StreamPush push) => _pushes.Writer.TryWrite(push);

    private async Task<T> AskAsync<T>(Func<T> ask)
    {
        TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = Lost.Register(() => answer.TrySetException(new IOException(Reason)));
        _commands.Writer.TryWrite(() => answer.TrySetResult(ask()));
        return await answer.Task;
    }
}
