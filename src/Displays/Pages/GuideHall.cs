using HallOps.Core.Halls;

namespace HallOps.Displays.Pages;

/// <summary>What the guide desk has to know of its hall: finding is done where it is typed, at once.</summary>
/// <param name="Classes">Those the one at the desk may grant; the normal one first.</param>
/// <param name="ClassNames">Of every class, those that others grant as well.</param>
/// <param name="Prefixes">The letters of each line's numbers.</param>
/// <param name="Bookable">Services with appointments, and how many days ahead they are made.</param>
public sealed record GuideHall(string Hall, Text Name, IReadOnlyList<KioskService> Services, IReadOnlyList<KioskClass> Classes, IReadOnlyDictionary<string, Text> ClassNames,
    IReadOnlyDictionary<string, string> Prefixes, IReadOnlyDictionary<string, int> Bookable)
{
    public static GuideHall Of(HallSettings hall, bool manages)
    {
        var grants = Grants.Self | Grants.IdCard | Grants.Guide | (manages ? Grants.Manager : Grants.None);
        return new GuideHall(hall.Hall.Value, hall.Name, KioskHall.ServicesOf(hall),
            [.. hall.Classes.Where(c => (c.GrantedBy & grants) != 0).OrderByDescending(c => c.Class == ClassId.Normal)
                .Select(c => new KioskClass(c.Class.Value, c.Name, Card: (c.GrantedBy & grants) == Grants.IdCard, c.AgeFrom))],
            hall.Classes.ToDictionary(c => c.Class.Value, c => c.Name), hall.Lines.ToDictionary(l => l.Line.Value, l => l.Prefix),
            hall.Services.Where(s => s.Appointments is not null).ToDictionary(s => s.Service.Value, s => s.Appointments!.DaysAhead));
    }
}
