using System.Buffers;
using System.IO.Pipelines;

namespace Darter.Server.Protocols.FastCgi;

/// <summary>Records on their way to the web server, of all requests of a connection. Any thread.</summary>
internal sealed class FastCgiOutput(PipeWriter output)
{
    // A multiple of 8 below 64 KiB, so that headers stay aligned without padding.
    private const int LargestContent = 0xFFF8;

    private readonly Lock _gate = new();
    private Task<FlushResult>? _flush;
    private Task<FlushResult>? _nextFlush;

    /// <summary>Writes content as records of a stream; they leave with the next flush.</summary>
    internal void Write(RecordType type, ushort id, ReadOnlySpan<byte> content)
    {
        lock (_gate)
        {
            while (!content.IsEmpty)
            {
                ReadOnlySpan<byte> part = content[..Math.Min(content.Length, LargestContent)];
                WriteRecord(type, id, part);
                content = content[part.Length..];
            }
        }
    }

    /// <summary>Writes the end of a response (FastCGI 1.0, sections 5.5 and 6.2).</summary>
    internal void WriteEnd(ushort id, ProtocolStatus status, bool hasOutput)
    {
        lock (_gate)
        {
            if (hasOutput)
            {
                WriteRecord(RecordType.Stdout, id, default);
            }

            Span<byte> end = stackalloc byte[8];
            end.Clear();
            end[4] = (byte)status;
            WriteRecord(RecordType.EndRequest, id, end);
        }
    }

    /// <summary>Writes a record of the connection.</summary>
    internal void WriteManagement(RecordType type, ReadOnlySpan<byte> content)
    {
        lock (_gate)
        {
            WriteRecord(type, 0, content);
        }
    }

    /// <summary>Sends what was written. One flush is under way at a time; who comes meanwhile waits for the next.</summary>
    internal ValueTask<FlushResult> FlushAsync()
    {
        lock (_gate)
        {
            if (_flush is { IsCompleted: false } running)
            {
                return new ValueTask<FlushResult>(_nextFlush ??= FlushAfterAsync(running));
            }

            ValueTask<FlushResult> flush = output.FlushAsync();
            if (!flush.IsCompleted)
            {
                _flush = flush.AsTask();
                return new ValueTask<FlushResult>(_flush);
            }

            return flush;
        }
    }

    private async Task<FlushResult> FlushAfterAsync(Task running)
    {
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            _nextFlush = null;
        }

        return await FlushAsync().ConfigureAwait(false);
    }

    private void WriteRecord(RecordType type, ushort id, ReadOnlySpan<byte> content)
    {
        new RecordHeader(type, id, (ushort)content.Length, 0).Write(output.GetSpan(RecordHeader.Size));
        output.Advance(RecordHeader.Size);
        output.Write(content);
    }
}
