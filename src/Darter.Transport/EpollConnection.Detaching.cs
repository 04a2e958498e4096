using System.ComponentModel;
using System.Diagnostics;

namespace Darter.Transport;

/// <summary>Giving the socket away.</summary>
internal sealed partial class EpollConnection : IDetachFeature
{
    /// <inheritdoc/>
    bool IDetachFeature.CanDetach => ReferenceEquals(_transport, this);

    /// <inheritdoc/>
    DetachedSocket? IDetachFeature.TryDetach(IDetachedSocketOwner owner)
    {
        Debug.Assert(Loop.IsCurrent, "Only the loop knows whether something came.");
        Win32Exception failure;
        lock (Gate)
        {
            _output.SendDeferred();
            if (Descriptor < 0 || !ReferenceEquals(_transport, this) || PeerHasFinished || !_output.IsEmpty || !_input.IsIdle)
            {
                return null;
            }

            if (_armed)
            {
                Loop.Unwatch(Descriptor);
            }

            try
            {
                DetachedSocket detached = DetachedSocket.TakeOver(Loop, Descriptor, owner);
                Descriptor = -1;
                _output.Close();
                _input.End();
                return detached;
            }
            catch (Win32Exception exception)
            {
                failure = exception;
                _armed = false;
            }
        }

        Abort(failure);
        return null;
    }
}
