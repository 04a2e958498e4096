using System.Collections.Concurrent;

namespace Darter.Integration.Tests.Service;

/// <summary>
/// Clients that send one request after another and count every one: on kept connections until the server says that a
/// response is the last, on new ones, and over HTTP/2.
/// </summary>
internal sealed class RequestLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly Task[] _clients;
    private int _answered;

    public RequestLoad(ServerAddress address, int kept, int single, int http2, string target = "/")
    {
        string request = $"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n";
        _clients =
        [
            .. Enumerable.Range(0, kept).Select(_ => Task.Run(() => RunAsync(address, request, keep: true))),
            .. Enumerable.Range(0, single).Select(_ => Task.Run(() => RunAsync(address, request, keep: false))),
            .. Enumerable.Range(0, http2).Select(_ => Task.Run(() => RunHttp2Async(address, target))),
        ];
    }

    /// <summary>Requests that were answered with 200.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>What happened to the others.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>Waits until this many more were answered.</summary>
    public Task WaitForMoreAsync(int count)
    {
        int goal = Answered + count;
        return Wait.Until(() => Answered >= goal || !_failures.IsEmpty, () => $"{goal} answers, there are {Answered}");
    }

    /// <summary>Lets each client finish its request.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await _stop.CancelAsync();
            await Task.WhenAll(_clients);
            _stop.Dispose();
        }
    }

    private async Task RunAsync(ServerAddress address, string request, bool keep)
    {
        RawConnection? connection = null;
        CancellationToken stop = _stop.Token;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                connection ??= await RawConnection.OpenAsync(address);
                await connection.WriteAsync(request);
                RawResponse response = await connection.ReadResponseAsync();
                Count(response.Status);
                if (!keep || response.IsLast)
                {
                    await connection.DisposeAsync();
                    connection = null;
                }
            }
            catch (Exception exception)
            {
                _failures.Enqueue(exception.Message);
                connection = null;
            }
        }

        await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private async Task RunHttp2Async(ServerAddress address, string target)
    {
        using HttpClient client = ServerClient.Create(address, HttpProtocol.Http2);
        CancellationToken stop = _stop.Token;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using HttpResponseMessage response = await client.GetAsync(target);
                await response.Content.ReadAsByteArrayAsync();
                Count((int)response.StatusCode);
            }
            catch (Exception exception)
            {
                _failures.Enqueue(exception.ToString());
            }
        }
    }

    private void Count(int status)
    {
        if (status == 200)
        {
            Interlocked.Increment(ref _answered);
        }
        else
        {
            _failures.Enqueue($"status {status}");
        }
    }
}
