using Darter.Server.Configuration;
using Darter.Server.Hub.Redis;
using Darter.Testing;
using Darter.Testing.Redis;

namespace Darter.Server.Tests.Hub.Redis;

/// <summary>Attempts to connect.</summary>
public class RedisConnectorTests
{
    [Fact]
    public async Task Connect_ThatIsRefused_FailsWithoutWaitingForTheTimeout()
    {
        await using RedisServer redis = RedisServer.Prepare();
        Assert.True(RedisAddress.TryParse(redis.Url, out RedisAddress? address, out string? error), error);
        RedisSettings settings = new()
        {
            Address = address,
            Items = 1,
            Age = TimeSpan.FromMinutes(1),
            ConnectTimeout = Wait.Patience * 10,
            AnswerTimeout = Wait.Patience * 10,
        };
        RedisConnector connector = new(settings, "node", TimeProvider.System);

        // Often, since it depends on which of two threads is faster.
        for (int i = 0; i < 20; i++)
        {
            IOException refused = await Assert.ThrowsAsync<IOException>(
                () => Wait.For(connector.ConnectAsync((_, _) => { }, TestContext.Current.CancellationToken), "a refusal"));
            Assert.Contains("refused", refused.Message);
        }
    }
}
