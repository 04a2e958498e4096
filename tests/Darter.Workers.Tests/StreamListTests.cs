using CsCheck;

namespace Darter.Workers.Tests;

public class StreamListTests
{
    [Fact]
    public void Operations_InAnyOrder_MatchAList()
    {
        Gen.Int[0, 2].Select(Gen.Int[0, 20]).List[0, 100].Sample(steps =>
        {
            StreamList list = new();
            List<WorkerStream> model = [];
            foreach ((int operation, int place) in steps)
            {
                FakeStream stream = new("/");
                switch (operation)
                {
                    case 0:
                        list.AddLast(stream);
                        model.Add(stream);
                        break;
                    case 1:
                        list.AddFirst(stream);
                        model.Insert(0, stream);
                        break;
                    case 2 when model.Count > 0:
                        list.Remove(model[place % model.Count]);
                        model.RemoveAt(place % model.Count);
                        break;
                }
            }

            List<WorkerStream> forward = [];
            for (WorkerStream? stream = list.First; stream is not null; stream = stream.Next)
            {
                forward.Add(stream);
            }

            List<WorkerStream> backward = [];
            for (WorkerStream? stream = list.Last; stream is not null; stream = stream.Previous)
            {
                backward.Insert(0, stream);
            }

            Assert.Equal(model, forward);
            Assert.Equal(model, backward);
            Assert.Equal(model.Count, list.Count);
        });
    }
}
