using System.Text;
using Darter.Server.Configuration;
using Darter.Server.Hub;
using Darter.Testing;

namespace Darter.Server.Tests.Hub;

/// <summary>Subscriptions to channels of which the backplane has to read first.</summary>
public class CatchingUpTests
{
    private readonly Backplane _backplane = new();
    private readonly MessageHub _hub;

    public CatchingUpTests() => _hub = new MessageHub(new HubConfig { IsOn = true }, TimeProvider.System) { Backplane = _backplane };

    [Fact]
    public async Task Subscription_WithALastId_GetsWhatWasMissedThenWhatFollowsOnce()
    {
        _hub.Deliver(Item("1"));
        SharedListener listener = new();
        Assert.NotNull(_hub.Subscribe(listener, [new HubChannelRequest("room")], "2", out _));
        _hub.Deliver(Item("2"), isMissed: true);
        _hub.Deliver(Item("3"), isMissed: true);
        _hub.Deliver(Item("4"));
        Assert.Empty(listener.Ids);

        _backplane.Read.SetResult();
        await Wait.Until(() => listener.Ids.Count == 2, "the replay");
        _hub.Deliver(Item("5"));
        Assert.Equal(["3", "4", "5"], listener.Ids);
    }

    [Fact]
    public void Subscription_WithoutALastId_GetsOnlyWhatIsPublishedAfterwards()
    {
        SharedListener listener = new();
        Assert.NotNull(_hub.Subscribe(listener, [new HubChannelRequest("room")], null, out _));
        _hub.Deliver(Item("1"), isMissed: true);
        _hub.Deliver(Item("2"));

        Assert.Equal(["2"], listener.Ids);
    }

    [Fact]
    public void Subscription_ThatWasThereBefore_GetsWhatWasMissed()
    {
        _backplane.Read.SetResult();
        _backplane.IsBehind = false;
        SharedListener listener = new();
        Assert.NotNull(_hub.Subscribe(listener, [new HubChannelRequest("room")], null, out _));
        _hub.Deliver(Item("1"), isMissed: true);

        Assert.Equal(["1"], listener.Ids);
    }

    [Fact]
    public async Task Subscription_OverBeforeTheBackplaneHasRead_GetsNothing()
    {
        SharedListener listener = new();
        HubSubscription? subscription = _hub.Subscribe(listener, [new HubChannelRequest("room")], "0", out _);
        _hub.Deliver(Item("1"), isMissed: true);
        subscription!.Dispose();
        _backplane.Read.SetResult();
        await Task.Yield();

        Assert.Empty(listener.Ids);
        Assert.Empty(_hub.Subscribed());
    }

    [Fact]
    public async Task Channel_LeftAndJoinedAgainBeforeTheBackplaneHasRead_IsReplayedOnce()
    {
        SharedListener listener = new();
        HubSubscription? subscription = _hub.Subscribe(listener, [new HubChannelRequest("room")], "0", out _);
        subscription!.Remove("room");
        TaskCompletionSource first = _backplane.Read;
        _backplane.Read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        subscription.Add([new HubChannelRequest("room")], "0");
        SharedListener other = new();
        Assert.NotNull(_hub.Subscribe(other, [new HubChannelRequest("room")], "0", out _));
        _hub.Deliver(Item("1"), isMissed: true);
        first.SetResult();
        _backplane.Read.SetResult();

        await Wait.Until(() => other.Ids.Count == 1 && listener.Ids.Count >= 1, "the replays");
        _hub.Deliver(Item("2"));
        Assert.Equal(["1", "2"], listener.Ids);
    }

    [Fact]
    public void Backplane_ThatComesToLifeWhileSomebodySubscribes_IsAskedAgain()
    {
        _backplane.IsBehind = false;
        List<int> subscribed = [];
        _backplane.Asked = () => subscribed.Add(_hub.Channel("room").Subscribers);
        Assert.NotNull(_hub.Subscribe(new SharedListener(), [new HubChannelRequest("room")], null, out _));

        Assert.Equal([0, 1], subscribed);
    }

    private static HubItem Item(string id) => new()
    {
        Channel = "room",
        Id = id,
        Stream = new HubStreamMessage(HubAction.Send, Encoding.UTF8.GetBytes(id)),
    };

    private sealed class Backplane : IHubBackplane
    {
        public string State => "";

        internal bool IsBehind { get; set; } = true;

        internal Action Asked { get; set; } = () => { };

        internal TaskCompletionSource Read { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Start(MessageHub hub)
        {
        }

        public Task<int> PublishAsync(HubItem item) => Task.FromResult(0);

        public Task? CatchUp(IEnumerable<string> channels)
        {
            Asked();
            return IsBehind ? Read.Task : null;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
