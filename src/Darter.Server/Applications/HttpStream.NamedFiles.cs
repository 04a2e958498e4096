using Darter.Server.Observability;

namespace Darter.Server.Applications;

/// <summary>
/// Answers that name a file: the front sends it, and the worker is free as soon as it has given its own body, which is
/// dropped.
/// </summary>
internal sealed partial class HttpStream
{
    private INamedFile? _namedFile;

    private void SendNamedFile(INamedFile file, bool end)
    {
        _writing = true;
        _ = SendNamedFileAsync(file);
        if (end)
        {
            StopBody();
        }
        else
        {
            Grant();
        }
    }

    private async Task SendNamedFileAsync(INamedFile file)
    {
        try
        {
            _responseBytes = await file.SendAsync().ConfigureAwait(false);
            _status = _response.StatusCode;
        }
        catch (Exception exception) when (exception is FileReadException or IOException or OperationCanceledException or InvalidOperationException)
        {
            _broken = true;
            SetEnd(exception is FileReadException ? RequestEnd.BrokenOff : RequestEnd.ClientLeft);
            _lifetime.Abort();
        }

        _pool.Loop.Post(new LoopCall(_onFlushed));
    }
}
