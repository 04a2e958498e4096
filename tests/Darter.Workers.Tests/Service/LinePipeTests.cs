using Darter.Testing;
using Darter.Workers.Service;

namespace Darter.Workers.Tests.Service;

public class LinePipeTests
{
    [Fact]
    public async Task Send_OfTexts_ArrivesAsItWas()
    {
        (LinePipe ours, LinePipe theirs) = LinePipe.Create();
        using LinePipe receiver = ours;
        string[] texts = ["ready", "two\nlines", "", new string('ß', 10_000)];
        Task<bool[]> sending = Task.Run(() => texts.Select(theirs.Send).ToArray());
        foreach (string text in texts)
        {
            Assert.Equal(text, await Wait.For(receiver.ReceiveAsync(), "a line"));
        }

        Assert.All(await sending, Assert.True);
        theirs.Dispose();
        Assert.Null(await Wait.For(receiver.ReceiveAsync(), "the end"));
        Assert.False(receiver.Send("anybody?"));
    }
}
