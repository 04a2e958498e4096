using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Darter.Server.SharedValues;

/// <summary>A connection that speaks memcached's text protocol.</summary>
internal sealed class MemcachedConnection
{
    // Answers leave when all that has come is done, or when there are so many bytes.
    private const int MostUnflushed = 64 * 1024;

    private readonly ConnectionContext _connection;
    private readonly ValueService _service;
    private readonly MemcachedReader _reader;
    private readonly PipeWriter _output;

    internal MemcachedConnection(ConnectionContext connection, ValueService service)
    {
        _connection = connection;
        _service = service;
        _reader = new MemcachedReader(service.MaxValue);
        _output = connection.Transport.Output;
    }

    /// <summary>Serves it to its end.</summary>
    internal async Task RunAsync()
    {
        PipeReader input = _connection.Transport.Input;
        CancellationToken stopping = _connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using CancellationTokenRegistration registration = stopping.UnsafeRegister(static state => ((PipeReader)state!).CancelPendingRead(), input);
        _service.Totals.CountOpened();
        try
        {
            bool goesOn = true;
            while (goesOn)
            {
                ReadResult result = await input.ReadAsync().ConfigureAwait(false);
                ReadOnlySequence<byte> buffer = result.Buffer;
                while (goesOn && _reader.TryRead(ref buffer, out MemcachedCommand? command, out byte[]? data))
                {
                    goesOn = await ExecuteAsync(command!, data).ConfigureAwait(false);
                }

                input.AdvanceTo(buffer.Start, buffer.End);
                FlushResult flushed = await _output.FlushAsync().ConfigureAwait(false);
                goesOn &= !result.IsCompleted && !result.IsCanceled && !flushed.IsCompleted && !flushed.IsCanceled;
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client left, or the server stops.
        }
        finally
        {
            _service.Totals.CountClosed();
        }
    }

    /// <summary>Does what a command wants; false: the connection ends.</summary>
    private async ValueTask<bool> ExecuteAsync(MemcachedCommand command, byte[]? data)
    {
        switch (command.Verb)
        {
            case MemcachedVerb.Get:
                return await GetAsync(command).ConfigureAwait(false);
            case MemcachedVerb.Store:
                Answer(command, await _service.StoreAsync(command, data).ConfigureAwait(false) switch
                {
                    StoreOutcome.Stored => "STORED",
                    StoreOutcome.Exists => "EXISTS",
                    StoreOutcome.NotFound => "NOT_FOUND",
                    StoreOutcome.TooLarge => "SERVER_ERROR object too large for cache",
                    _ => "NOT_STORED",
                });
                return true;
            case MemcachedVerb.Count:
                (CountOutcome outcome, byte[] number) = await _service.Store.CountAsync(command.Keys[0], command.Step).ConfigureAwait(false);
                Answer(command, outcome switch
                {
                    CountOutcome.Counted => Encoding.ASCII.GetString(number),
                    CountOutcome.NotFound => "NOT_FOUND",
                    CountOutcome.OutOfRange => "CLIENT_ERROR the number would have more than 64 bits",
                    _ => "CLIENT_ERROR cannot increment or decrement non-numeric value",
                });
                return true;
            case MemcachedVerb.Touch:
                Answer(command, await _service.TouchAsync(command).ConfigureAwait(false) ? "TOUCHED" : "NOT_FOUND");
                return true;
            case MemcachedVerb.Delete:
                Answer(command, await _service.Store.DeleteAsync(command.Keys[0]).ConfigureAwait(false) ? "DELETED" : "NOT_FOUND");
                return true;
            case MemcachedVerb.Clear:
                await _service.ClearAsync(command.Exptime!.Value).ConfigureAwait(false);
                Answer(command, "OK");
                return true;
            case MemcachedVerb.Stats:
                Stats(command.Argument);
                return true;
            case MemcachedVerb.Version:
                Answer(command, $"VERSION {_service.Version}");
                return true;
            case MemcachedVerb.Verbosity:
                Answer(command, "OK");
                return true;
            case MemcachedVerb.Quit:
                return false;
            default:
                Answer(command, command.Error!);
                return !command.EndsConnection;
        }
    }

    private async ValueTask<bool> GetAsync(MemcachedCommand command)
    {
        StoredValue?[] values = await _service.GetAsync(command).ConfigureAwait(false);
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is { } value)
            {
                Write("VALUE "u8);
                Write(command.Keys[i]);
                WriteNumber(value.Flags);
                WriteNumber((ulong)value.Data.Length);
                if (command.WithUnique)
                {
                    WriteNumber(value.Unique);
                }

                Write("\r\n"u8);
                Write(value.Data);
                Write("\r\n"u8);
                if (_output.UnflushedBytes > MostUnflushed && (await _output.FlushAsync().ConfigureAwait(false)).IsCompleted)
                {
                    return false;
                }
            }
        }

        Write("END\r\n"u8);
        return true;
    }

    private void Stats(string argument)
    {
        if (argument == "reset")
        {
            // What Darter counts, it counts from its start on.
            Write("RESET\r\n"u8);
            return;
        }

        foreach ((string name, string value) in argument.Length == 0 ? _service.Stats() : [])
        {
            WriteLine($"STAT {name} {value}");
        }

        Write("END\r\n"u8);
    }

    private void Answer(MemcachedCommand command, string text)
    {
        if (!command.IsQuiet)
        {
            WriteLine(text);
        }
    }

    private void WriteLine(string text)
    {
        Span<byte> span = _output.GetSpan(text.Length + 2);
        int length = Encoding.Latin1.GetBytes(text, span);
        "\r\n"u8.CopyTo(span[length..]);
        _output.Advance(length + 2);
    }

    private void Write(ReadOnlySpan<byte> bytes) => _output.Write(bytes);

    private void WriteNumber(ulong number)
    {
        const int MostDigits = 20;
        Span<byte> span = _output.GetSpan(MostDigits + 1);
        span[0] = (byte)' ';
        Utf8Formatter.TryFormat(number, span[1..], out int length);
        _output.Advance(length + 1);
    }
}
