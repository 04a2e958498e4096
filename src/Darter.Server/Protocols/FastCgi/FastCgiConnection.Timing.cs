using System.Diagnostics;

namespace Darter.Server.Protocols.FastCgi;

/// <summary>How long a connection may wait for what.</summary>
internal sealed partial class FastCgiConnection
{
    /// <summary>Looks at it now and then; on the server's own thread.</summary>
    private void CheckTime()
    {
        FastCgiRequest[] requests;
        lock (_gate)
        {
            requests = [.. _requests.Values];
        }

        // It may answer, and end the request: not under the lock, for which the connection's loop would wait.
        foreach (FastCgiRequest request in requests)
        {
            request.Exchange?.CheckRate();
        }

        bool isLate;
        lock (_gate)
        {
            TimeSpan limit = listener.Config.RequestHeaderTimeout;
            isLate = _running == 0 && _requests.Count == 0 && Stopwatch.GetElapsedTime(_idleSince) > (_wasUsed && !_hasPart ? listener.Config.KeepAlive : limit);
            isLate |= _requests.Values.Any(request => request.Exchange is null && Stopwatch.GetElapsedTime(request.BeganAt) > limit);

            if (isLate && _timedOut && _running == 0)
            {
                // It does not read what it has asked for: nothing else will end it.
                connection.Abort();
            }

            if (!isLate || _timedOut)
            {
                return;
            }

            _timedOut = true;
            if (_requests.Values.Any(request => request.Exchange is null) || _hasPart)
            {
                listener.OnTimedOut();
            }
        }

        _input.CancelPendingRead();
    }
}
