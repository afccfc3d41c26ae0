using HallOps.Core.Halls;

namespace HallOps.Core.Tests.Halls;

/// <summary>Runs alone: it weighs the whole heap.</summary>
[CollectionDefinition(nameof(HeapIsWeighed), DisableParallelization = true)]
public sealed class HeapIsWeighed;

[Collection(nameof(HeapIsWeighed))]
public sealed class HallDocumentSizeTests
{
    // 48 KiB: half of what an idle hall may cost (R14), the rest is for its actor.
    [Fact]
    public void Settings_OfTheTownHall_CostLittleWhereHallsShareTheirTexts()
    {
        var bytes = SampleFiles.Hall("rudong-town.json");
        var pool = new TextPool();
        var halls = new HallSettings[64];
        HallDocument.Read(bytes, pool);

        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < halls.Length; i++)
            halls[i] = HallDocument.Read(bytes, pool).Settings!;
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / halls.Length;
        GC.KeepAlive(halls);

        TestContext.Current.SendDiagnosticMessage("settings of the town hall: {0} bytes", each);
        Assert.InRange(each, 1, 48 << 10);
    }
}
