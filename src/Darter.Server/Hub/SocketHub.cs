using Darter.Server.Configuration;
using Darter.Wire;

namespace Darter.Server.Hub;

/// <summary>The hub as WebSockets see it that the front holds.</summary>
/// <param name="hub">The hub.</param>
/// <param name="mode">Whose WebSockets are held.</param>
/// <param name="sign">Makes the value of Grip-Sig; null: requests are not signed.</param>
internal sealed class SocketHub(MessageHub hub, HubWebSockets mode, Func<string>? sign) : ISocketHub
{
    /// <inheritdoc/>
    public bool Holds(ApplicationInterface application) => mode switch
    {
        HubWebSockets.On => true,
        HubWebSockets.Auto => application == ApplicationInterface.Wsgi,
        _ => false,
    };

    /// <inheritdoc/>
    public ISocketSubscription? Hold(ISocketSubscriber subscriber, string address, out string refusal)
    {
        HubRefusal admission = hub.Admission.Enter(address);
        refusal = SocketHubText.Of(admission);
        return admission == HubRefusal.None ? new SocketHubMember(hub, subscriber, address) : null;
    }

    /// <inheritdoc/>
    public string? Sign() => sign?.Invoke();
}
