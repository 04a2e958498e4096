using System.Globalization;
using System.Text;
using CsCheck;
using Darter.Server.SharedValues;
using Darter.Server.Tests.Hub;

namespace Darter.Server.Tests.SharedCache;

/// <summary>Values in memory: what they are, how long, and how much room they take.</summary>
public class MemoryValuesTests
{
    private static readonly Lifetime s_minute = new(60_000);

    /// <summary>One of the things that can be done, with a key, a number and a time.</summary>
    private static readonly Gen<(int Kind, int Key, int Number, int Seconds)> s_step = Gen.Select(Gen.Int[0, 8], Gen.Int[0, 3], Gen.Int[0, 50], Gen.Int[0, 3]);

    [Fact]
    public void Store_AfterAnySteps_HasWhatADictionaryWouldHave() => s_step.List[0, 60].Sample(steps =>
    {
        HubClock clock = new();
        MemoryValues store = new(1_000_000, 1000, clock);
        Dictionary<int, (string Text, DateTimeOffset Until)> model = [];
        foreach ((int kind, int key, int number, int seconds) in steps)
        {
            DateTimeOffset now = clock.GetUtcNow();
            if (model.TryGetValue(key, out (string Text, DateTimeOffset Until) there) && there.Until <= now)
            {
                model.Remove(key);
            }

            bool isThere = model.TryGetValue(key, out there);
            Lifetime lifetime = seconds == 0 ? Lifetime.Endless : new Lifetime(seconds * 1000);
            DateTimeOffset until = seconds == 0 ? DateTimeOffset.MaxValue : now.AddSeconds(seconds);
            string text = number.ToString(CultureInfo.InvariantCulture);
            switch (kind)
            {
                case 0:
                    Assert.Equal(StoreOutcome.Stored, Store(store, key, StoreMode.Set, text, lifetime));
                    model[key] = (text, until);
                    break;
                case 1:
                    Assert.Equal(isThere ? StoreOutcome.NotStored : StoreOutcome.Stored, Store(store, key, StoreMode.Add, text, lifetime));
                    model.TryAdd(key, (text, until));
                    break;
                case 2:
                    Assert.Equal(isThere ? StoreOutcome.Stored : StoreOutcome.NotStored, Store(store, key, StoreMode.Replace, text, lifetime));
                    model[key] = (text, until);
                    if (!isThere)
                    {
                        model.Remove(key);
                    }

                    break;
                case 3:
                    Assert.Equal(isThere ? StoreOutcome.Stored : StoreOutcome.NotStored, Store(store, key, StoreMode.Append, "0", lifetime));
                    if (isThere)
                    {
                        model[key] = (there.Text + "0", there.Until);
                    }

                    break;
                case 4:
                    (CountOutcome outcome, byte[] counted) = Done(store.CountAsync(Key(key), new CountStep((ulong)number, IsDown: seconds == 1, IsSigned: true)));
                    if (isThere && long.TryParse(there.Text, out long value))
                    {
                        string sum = (seconds == 1 ? value - number : value + number).ToString(CultureInfo.InvariantCulture);
                        Assert.Equal((CountOutcome.Counted, sum), (outcome, Encoding.ASCII.GetString(counted)));
                        model[key] = (sum, there.Until);
                    }
                    else
                    {
                        Assert.Equal(isThere ? CountOutcome.OutOfRange : CountOutcome.NotFound, outcome);
                    }

                    break;
                case 5:
                    Assert.Equal(isThere, Done(store.DeleteAsync(Key(key))));
                    model.Remove(key);
                    break;
                case 6:
                    Assert.Equal(isThere, Done(store.TouchAsync(Key(key), lifetime)));
                    if (isThere)
                    {
                        model[key] = (there.Text, until);
                    }

                    break;
                case 7:
                    clock.Pass(TimeSpan.FromSeconds(seconds));
                    break;
                default:
                    Assert.Equal(isThere ? there.Text : null, Text(store, key));
                    break;
            }
        }

        Assert.All(Enumerable.Range(0, 4), key => Assert.Equal(model.TryGetValue(key, out var value) && value.Until > clock.GetUtcNow() ? value.Text : null, Text(store, key)));
    });

    [Fact]
    public void Bytes_NeverExceedTheSize_AndWhatWasUsedStays() => Gen.Int[0, 400].List[1, 200].Sample(lengths =>
    {
        const int Size = 8000;
        MemoryValues store = new(Size, 1000, new HubClock());
        Store(store, -1, StoreMode.Set, "kept", Lifetime.Endless);
        for (int i = 0; i < lengths.Count; i++)
        {
            Store(store, i, StoreMode.Set, new string('x', lengths[i]), Lifetime.Endless);
            Assert.InRange(store.Report().Bytes, 1, Size);
            Assert.Equal("kept", Text(store, -1));
        }

        Assert.Equal(lengths.Count + 1, store.Report().Values + store.Report().Evicted);
        Done(store.ClearAsync());
        Assert.Equal((0, 0), (store.Report().Bytes, store.Report().Values));
    });

    [Fact]
    public void Room_IsMadeOfWhatIsOverFirst()
    {
        HubClock clock = new();
        MemoryValues store = new(3000, 1000, clock);
        for (int i = 0; store.Report().Evicted == 0; i++)
        {
            Store(store, i, StoreMode.Set, "x", Lifetime.Endless);
        }

        int fits = (int)store.Report().Values;
        Done(store.ClearAsync());
        Store(store, 0, StoreMode.Set, "x", Lifetime.Endless);
        for (int i = 1; i < fits; i++)
        {
            Store(store, i, StoreMode.Set, "x", s_minute);
        }

        clock.Pass(TimeSpan.FromMinutes(1));
        long evicted = store.Report().Evicted;
        Store(store, fits, StoreMode.Set, "x", Lifetime.Endless);
        Assert.Equal(("x", evicted), (Text(store, 0), store.Report().Evicted));
    }

    [Fact]
    public void Value_ThatIsTooLarge_TakesTheEarlierOneWithIt_AndAppendingDoesNot()
    {
        MemoryValues store = new(1_000_000, 10, new HubClock());
        Store(store, 1, StoreMode.Set, "0123456789", Lifetime.Endless);
        Assert.Equal(StoreOutcome.TooLarge, Store(store, 1, StoreMode.Append, "x", Lifetime.Endless));
        Assert.Equal("0123456789", Text(store, 1));
        Assert.Equal(StoreOutcome.TooLarge, Store(store, 1, StoreMode.Set, "0123456789x", Lifetime.Endless));
        Assert.Null(Text(store, 1));
    }

    [Fact]
    public void CompareAndSwap_TakesPlaceOnce()
    {
        MemoryValues store = new(1_000_000, 10, new HubClock());
        Assert.Equal(StoreOutcome.NotFound, Swap(7));
        Store(store, 1, StoreMode.Set, "a", Lifetime.Endless);
        ulong seen = Done(store.GetAsync([Key(1)], null))[0]!.Unique;
        Assert.Equal((StoreOutcome.Stored, StoreOutcome.Exists), (Swap(seen), Swap(seen)));

        StoreOutcome Swap(ulong unique) => Done(store.StoreAsync(Key(1), new StoreOrder(StoreMode.CompareAndSwap, 0, "b"u8.ToArray(), Lifetime.Endless, unique)));
    }

    [Theory]
    [InlineData("10", 3UL, false, false, CountOutcome.Counted, "13")]
    [InlineData("10", 30UL, true, false, CountOutcome.Counted, "0")]
    [InlineData("18446744073709551615", 1UL, false, false, CountOutcome.Counted, "0")]
    [InlineData("-1", 1UL, false, false, CountOutcome.NotANumber, "")]
    [InlineData("18446744073709551616", 1UL, false, false, CountOutcome.NotANumber, "")]
    [InlineData("10", 30UL, true, true, CountOutcome.Counted, "-20")]
    [InlineData("-20", 30UL, false, true, CountOutcome.Counted, "10")]
    [InlineData("9223372036854775807", 1UL, false, true, CountOutcome.OutOfRange, "")]
    [InlineData("-9223372036854775808", 1UL, true, true, CountOutcome.OutOfRange, "")]
    [InlineData("99999999999999999999", 1UL, true, true, CountOutcome.OutOfRange, "")]
    [InlineData("-9223372036854775808", 18446744073709551615UL, false, true, CountOutcome.Counted, "9223372036854775807")]
    [InlineData("1.5", 1UL, false, true, CountOutcome.NotANumber, "")]
    [InlineData("", 1UL, false, false, CountOutcome.NotANumber, "")]
    [InlineData("-", 1UL, false, true, CountOutcome.NotANumber, "")]
    public void Count_HasASignIfTheStepHasOne(string text, ulong amount, bool isDown, bool isSigned, object outcome, string expected)
    {
        Assert.Equal(outcome, new CountStep(amount, isDown, isSigned).Apply(Encoding.ASCII.GetBytes(text), out byte[] result));
        Assert.Equal(expected, Encoding.ASCII.GetString(result));
    }

    [Fact]
    public async Task Count_OfManyThreads_LosesNothing()
    {
        MemoryValues store = new(1_000_000, 100, TimeProvider.System);
        Store(store, 1, StoreMode.Set, "0", Lifetime.Endless);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                Done(store.CountAsync(Key(1), new CountStep(1, IsDown: false, IsSigned: false)));
            }
        })));
        Assert.Equal("40000", Text(store, 1));
    }

    [Theory]
    [InlineData(0, -1)]
    [InlineData(-1, 0)]
    [InlineData(long.MinValue, 0)]
    [InlineData(1, 1000)]
    [InlineData(2_592_000, 2_592_000_000)]
    [InlineData(2_592_001, 0)]
    [InlineData(1_728_000_010, 10_000)]
    [InlineData(long.MaxValue, -1)]
    public void Lifetime_IsATimeOrADate(long exptime, long milliseconds) =>
        Assert.Equal(milliseconds, Lifetime.Of(exptime, new HubClock().GetUtcNow()).Milliseconds);

    private static byte[] Key(int number) => Encoding.ASCII.GetBytes($"key{number}");

    private static StoreOutcome Store(MemoryValues store, int key, StoreMode mode, string text, Lifetime lifetime) =>
        Done(store.StoreAsync(Key(key), new StoreOrder(mode, 0, Encoding.ASCII.GetBytes(text), lifetime)));

    private static string? Text(MemoryValues store, int key) => Done(store.GetAsync([Key(key)], null))[0] is { } value ? Encoding.ASCII.GetString(value.Data) : null;

    private static T Done<T>(ValueTask<T> task)
    {
        Assert.True(task.IsCompletedSuccessfully);
        return task.Result;
    }

    private static void Done(ValueTask task) => Assert.True(task.IsCompletedSuccessfully);
}
