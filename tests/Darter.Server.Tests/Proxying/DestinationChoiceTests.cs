using Darter.Server.Configuration;
using Darter.Server.Proxying;
using Darter.Server.Tests.Hub;
using Yarp.ReverseProxy.Model;

namespace Darter.Server.Tests.Proxying;

/// <summary>Who gets a request.</summary>
public class DestinationChoiceTests
{
    private readonly HubClock _clock = new();
    private readonly DestinationChoice _choice = new();

    public static TheoryData<UpstreamPolicy> Policies => new(Enum.GetValues<UpstreamPolicy>());

    [Fact]
    public void RoundRobin_OfWeights_SpreadsTheHeavyOne()
    {
        // The example of nginx's source.
        List<Destination> all = Make(5, 1, 1);
        string chosen = string.Concat(Enumerable.Range(0, 14).Select(_ => _choice.Choose(UpstreamPolicy.RoundRobin, all, TimeSpan.Zero).Name));
        Assert.Equal("aabacaaaabacaa", chosen);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Choice_OfOne_IsIt(UpstreamPolicy policy)
    {
        List<Destination> all = Make(3);
        Assert.Same(all[0], _choice.Choose(policy, all, TimeSpan.Zero));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Choice_OfMany_GivesEachItsShare(UpstreamPolicy policy)
    {
        List<Destination> all = Make(3, 1);
        int first = 0;
        for (int i = 0; i < 20_000; i++)
        {
            first += _choice.Choose(policy, all, TimeSpan.Zero) == all[0] ? 1 : 0;
        }

        // 15,000 are expected; what is outside does not happen by chance.
        Assert.InRange(first, 14_000, 16_000);
    }

    [Fact]
    public void LeastRequests_OfABusyOne_ChoosesTheOther()
    {
        List<Destination> all = Make(2, 1);
        Assert.True(all[1].TryEnter(0));
        Assert.Same(all[0], _choice.Choose(UpstreamPolicy.LeastRequests, all, TimeSpan.Zero));
        all[1].Leave();
        Enter(all[0], 3);
        Enter(all[1], 1);

        // 3 of weight 2 are more than 1 of weight 1.
        Assert.Same(all[1], _choice.Choose(UpstreamPolicy.LeastRequests, all, TimeSpan.Zero));
    }

    [Fact]
    public void PowerOfTwo_OfTwo_ChoosesTheLessBusyOne()
    {
        List<Destination> all = Make(1, 1);
        Enter(all[0], 1);
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Same(all[1], _choice.Choose(UpstreamPolicy.PowerOfTwo, all, TimeSpan.Zero)));
    }

    [Fact]
    public void Share_OfOneThatIsNew_Grows()
    {
        Destination destination = Make(10)[0];
        TimeSpan slow = TimeSpan.FromSeconds(100);
        Assert.Equal(10, destination.ShareOf(slow));
        destination.StartSlowly();
        Assert.Equal(10, destination.ShareOf(TimeSpan.Zero));
        Assert.Equal(1, destination.ShareOf(slow));
        _clock.Pass(TimeSpan.FromSeconds(50));
        Assert.Equal(5, destination.ShareOf(slow), 6);
        _clock.Pass(TimeSpan.FromSeconds(500));
        Assert.Equal(10, destination.ShareOf(slow));
    }

    [Fact]
    public void TryEnter_BeyondTheLimit_IsRefusedUntilOneLeaves()
    {
        Destination destination = Make(1)[0];
        Assert.True(destination.TryEnter(2));
        Assert.True(destination.TryEnter(2));
        Assert.False(destination.TryEnter(2));
        destination.Leave();
        Assert.True(destination.TryEnter(2));
        Assert.Equal((2, 3L), (destination.Running, destination.Requests));
    }

    [Fact]
    public void Fail_AsOftenAsAllowedWithinTheTime_AsksForAPause()
    {
        Destination destination = Make(1)[0];
        TimeSpan within = TimeSpan.FromSeconds(10);
        Assert.False(destination.Fail(2, within));
        _clock.Pass(TimeSpan.FromSeconds(11));
        Assert.False(destination.Fail(2, within));
        _clock.Pass(TimeSpan.FromSeconds(9));
        Assert.True(destination.Fail(2, within));
        Assert.False(destination.Fail(2, within));
        Assert.Equal(4, destination.Failures);
    }

    private List<Destination> Make(params int[] weights) =>
        [.. weights.Select((weight, i) => new Destination(new DestinationState(((char)('a' + i)).ToString()), _clock) { Weight = weight })];

    private static void Enter(Destination destination, int times)
    {
        for (int i = 0; i < times; i++)
        {
            Assert.True(destination.TryEnter(0));
        }
    }
}
