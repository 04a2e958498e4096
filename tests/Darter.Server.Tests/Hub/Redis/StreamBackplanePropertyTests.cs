using CsCheck;
using Darter.Testing;

namespace Darter.Server.Tests.Hub.Redis;

/// <summary>Whatever happens to the connections and to what the server keeps: nothing is lost, nothing comes twice, and each publisher's order stays.</summary>
public class StreamBackplanePropertyTests
{
    private static readonly string[] Names = ["a", "b", "c"];
    private static readonly string[] Channels = ["x", "y"];

    [Fact]
    public Task Items_UnderAnyFailures_ReachEveryNodeOnceInTheirPublishersOrder() =>
        Gen.Int[0, 99].Array[10, 120].SampleAsync(RunAsync, iter: 30, threads: 2);

    private static async Task RunAsync(int[] steps)
    {
        StreamServer server = new();
        List<StreamNode> nodes = [.. Names.Select(name => new StreamNode(server, name, Channels, TimeSpan.FromMilliseconds(200)))];
        List<Task> published = [];
        int[,] counts = new int[Names.Length, Channels.Length];
        foreach (int step in steps)
        {
            switch (step)
            {
                case < 80:
                    (int node, int channel) = (step % Names.Length, step % Channels.Length);
                    published.Add(nodes[node].PublishAsync(Channels[channel], $"{Names[node]}{counts[node, channel]++}"));
                    break;
                case < 85:
                    server.Break();
                    break;
                case < 88:
                    server.Down();
                    break;
                case < 92:
                    server.Up();
                    break;
                case < 94:
                    server.Lose();
                    break;
                case < 96:
                    server.Down();
                    server.LoseTail(step % 3);
                    server.Up();
                    break;
                default:
                    await Task.Yield();
                    break;
            }
        }

        // What a server has lost under open connections is noticed with the next item at the latest.
        server.Break();
        server.Up();
        await Wait.For(Task.WhenAll(published), "all publishers");
        foreach (StreamNode node in nodes)
        {
            foreach ((int channel, string name) in Channels.Index())
            {
                int expected = Enumerable.Range(0, Names.Length).Sum(publisher => counts[publisher, channel]);
                await Wait.Until(() => node.Delivered(name).Count >= expected, () => $"{expected} items at {node.Name}: {string.Join(' ', node.Delivered(name))}");
            }
        }

        foreach (StreamNode node in nodes)
        {
            await node.DisposeAsync();
        }

        foreach (StreamNode node in nodes)
        {
            foreach ((int channel, string name) in Channels.Index())
            {
                ILookup<char, string> delivered = node.Delivered(name).Select(item => item.Replace("old ", "", StringComparison.Ordinal)).ToLookup(item => item[0]);
                foreach ((int publisher, string origin) in Names.Index())
                {
                    Assert.Equal(Enumerable.Range(0, counts[publisher, channel]).Select(i => $"{origin}{i}"), delivered[origin[0]]);
                }
            }
        }
    }
}
