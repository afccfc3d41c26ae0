using HallOps.Core.Foresight.Simulation;
using HallOps.Core.Halls;

namespace HallOps.Core.Foresight.Recording;

/// <summary>A hall's rule of who is next as a discipline: its classes are priorities, in the order of its document, <c>normal</c> is 0.</summary>
internal static class RecordedDiscipline
{
    public static Discipline Of(HallSettings settings)
    {
        var classes = PrioritiesOf(settings);
        var lines = settings.Lines.ToDictionary(l => l.Line, l => l.WeightHundredths / 100m);
        return new Discipline(
            DisciplineKind.Score,
            settings.Classes.Where(c => c.CreditMinutes != 0).ToDictionary(c => classes[c.Class], c => c.CreditMinutes * 60_000m),
            settings.Classes.Where(c => c.WeightHundredths != 100).ToDictionary(c => classes[c.Class], c => c.WeightHundredths / 100m),
            settings.Services.Where(s => lines[s.Line] != 1).ToDictionary(s => s.Service.Value, s => lines[s.Line]),
            settings.Fairness);
    }

    public static Dictionary<ClassId, int> PrioritiesOf(HallSettings settings)
    {
        var others = settings.Classes.Where(c => c.Class != ClassId.Normal).Select((c, i) => (c.Class, Priority: i + 1));
        return others.Append((ClassId.Normal, 0)).ToDictionary(c => c.Item1, c => c.Item2);
    }
}
