using HallOps.Silo.Journal;

namespace HallOps.Silo.Tests.Journal;

public sealed class MemoryJournalTests : JournalContract
{
    protected override ValueTask<IJournal> Open() => new(new MemoryJournal());

    protected override ValueTask<IJournal> Reopen(IJournal journal) => new(((MemoryJournal)journal).Reopen());

    [Theory]
    [InlineData((int)MemoryFault.NotStored, AppendOutcome.NotStored, false, 1)]
    [InlineData((int)MemoryFault.Full, AppendOutcome.NotStored, true, 1)]
    [InlineData((int)MemoryFault.UncertainStored, AppendOutcome.Uncertain, false, 2)]
    [InlineData((int)MemoryFault.UncertainNotStored, AppendOutcome.Uncertain, false, 1)]
    public async Task Append_WithAFaultToCome_FailsOnceAsSaid(int fault, AppendOutcome expected, bool full, long head)
    {
        var journal = (MemoryJournal)Journal;
        var hall = new HallPen(1);
        await hall.Load(journal);
        await journal.AppendAsync(HallPen.Flush(hall.Next(1)));
        journal.Faults.Enqueue((MemoryFault)fault);

        var outcome = await journal.AppendAsync(HallPen.Flush(hall.Next(1)));

        Assert.Equal([expected], outcome.Appends);
        Assert.Equal(full, outcome.Failure!.Full);
        Assert.Equal(head, (await hall.Load(journal)).Head.Sequence);
        Assert.Equal([AppendOutcome.Stored], (await journal.AppendAsync(HallPen.Flush(hall.Next(1)))).Appends);
    }
}
