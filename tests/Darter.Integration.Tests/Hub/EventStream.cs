namespace Darter.Integration.Tests.Hub;

/// <summary>A client of server-sent events.</summary>
public sealed class EventStream(HttpResponseMessage response, Stream stream) : IDisposable
{
    private readonly StreamReader _reader = new(stream);

    /// <summary>The id of the latest event.</summary>
    public string? LastId { get; private set; }

    /// <summary>The data of the next event; null at the end of the stream.</summary>
    public async Task<string?> ReadAsync()
    {
        string? data = null;
        while (await Wait.For(_reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask(), "an event") is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                LastId = line[4..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                data = line[6..];
            }
            else if (line.Length == 0 && data is not null)
            {
                return data;
            }
        }

        return null;
    }

    /// <summary>Breaks the connection off.</summary>
    public void Dispose()
    {
        _reader.Dispose();
        response.Dispose();
    }
}
