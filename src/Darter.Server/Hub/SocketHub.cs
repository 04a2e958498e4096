using Darter.Server.Configuration;
using Darter.Wire;

namespace Darter.Server.Hub;

/// <summary>The hub as WebSockets see it that the front holds.</summary>
/// <param name="holder">Who holds connections.</param>
/// <param name="mode">Whose WebSockets are held.</param>
internal sealed class SocketHub(AnswerHolder holder, HubWebSockets mode) : ISocketHub
{
    /// <inheritdoc/>
    public bool Holds(ApplicationInterface application) => mode switch
    {
        HubWebSockets.On => true,
        HubWebSockets.Auto => application == ApplicationInterface.Wsgi,
        _ => false,
    };

    /// <inheritdoc/>
    public ISocketSubscription? Hold(ISocketSubscriber subscriber, IHoldOwner owner)
    {
        string address = owner.ClientAddress;
        HubRefusal refusal = holder.Hub.Admission.Enter(address);
        if (refusal == HubRefusal.None)
        {
            return new SocketHubMember(holder.Hub, subscriber, address);
        }

        holder.Refuse(refusal, owner);
        return null;
    }

    /// <inheritdoc/>
    public string? Sign() => holder.SignatureOfNow();
}
