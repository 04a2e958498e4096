using Darter.Server.Observability;

namespace Darter.Server.Applications;

/// <summary>Requests that the front answers itself.</summary>
internal sealed partial class HttpStream
{
    /// <summary>Has the first handler that wants the request answer it; null: none does.</summary>
    private Task? HandleInFront(IReadOnlyList<IFrontHandler> handlers)
    {
        if (_application.IsLeaving)
        {
            LeaveConnection();
        }

        foreach (IFrontHandler handler in handlers)
        {
            if (handler.TryHandle(_features) is { } handling)
            {
                return ObserveAsync(handling);
            }
        }

        return null;
    }

    private async Task ObserveAsync(Task<long> handling)
    {
        try
        {
            _responseBytes = await handling.ConfigureAwait(false);
        }
        catch (AnswerBrokenOffException)
        {
            SetEnd(RequestEnd.BrokenOff);
            _lifetime.Abort();
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            SetEnd(RequestEnd.ClientLeft);
            _lifetime.Abort();
        }

        _status = _response.StatusCode;
        OnEnded();
    }
}
